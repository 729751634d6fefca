-- Remembers postbacks that came before their click: one array a column.
INSERT INTO waiting_postbacks (transaction_id, account_id, hit_id, waits_until)
SELECT *
FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::timestamptz[]) AS row (transaction_id, account_id, hit_id)
ORDER BY transaction_id, account_id, hit_id
ON CONFLICT DO NOTHING
