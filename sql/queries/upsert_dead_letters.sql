-- Puts hits before an operator, one array a column; one that died before is open again.
INSERT INTO dead_letters (id, account_id, kind, outcome, reason, error, offer_id, transaction_id, received_at, payload)
SELECT *
FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::uuid[],
    $9::timestamptz[], $10::bytea[]) AS row (id, account_id)
ORDER BY id, account_id
ON CONFLICT (id, account_id) DO UPDATE SET
    outcome = excluded.outcome, reason = excluded.reason, error = excluded.error, offer_id = excluded.offer_id,
    died_at = now(), deaths = dead_letters.deaths + 1, status = 'open', status_at = now()
