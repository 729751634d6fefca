-- Remembers postbacks that came before their click.
INSERT INTO waiting_postbacks (transaction_id, account_id, hit_id, waits_until)
SELECT transaction_id, account_id, hit_id, waits_until
FROM json_populate_recordset(NULL::waiting_postbacks, $1)
ORDER BY transaction_id, account_id, hit_id
ON CONFLICT DO NOTHING
