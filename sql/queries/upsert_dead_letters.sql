-- Puts hits before an operator; one that died before is open again.
INSERT INTO dead_letters (id, account_id, kind, outcome, reason, error, offer_id, transaction_id, received_at, payload)
SELECT id, account_id, kind, outcome, reason, error, offer_id, transaction_id, received_at, convert_to(payload, 'UTF8')
FROM json_to_recordset($1) AS row (id uuid, account_id bigint, kind text, outcome text, reason text, error text,
    offer_id bigint, transaction_id uuid, received_at timestamptz, payload text)
ORDER BY id, account_id
ON CONFLICT (id, account_id) DO UPDATE SET
    outcome = excluded.outcome, reason = excluded.reason, error = excluded.error, offer_id = excluded.offer_id,
    died_at = now(), deaths = dead_letters.deaths + 1, status = 'open', status_at = now()
