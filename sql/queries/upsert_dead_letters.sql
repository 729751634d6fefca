-- Puts hits before an operator, one array a column. One that died before is open again, unless it was discarded: then
-- this is only a second copy of the same death, for a replay opens a discarded one before it publishes it.
INSERT INTO dead_letters AS old (id, account_id, kind, outcome, reason, error, offer_id, transaction_id, received_at, payload, surplus)
SELECT *
FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::uuid[],
    $9::timestamptz[], $10::bytea[], $11::boolean[]) AS row (id)
ORDER BY id
ON CONFLICT (id) DO UPDATE SET
    account_id = excluded.account_id,
    outcome = excluded.outcome, reason = excluded.reason, error = excluded.error,
    offer_id = coalesce(excluded.offer_id, old.offer_id),
    transaction_id = coalesce(excluded.transaction_id, old.transaction_id),
    died_at = CASE old.status WHEN 'discarded' THEN old.died_at ELSE now() END,
    deaths = CASE old.status WHEN 'discarded' THEN old.deaths ELSE old.deaths + 1 END,
    status = CASE old.status WHEN 'discarded' THEN old.status ELSE 'open' END,
    status_at = CASE old.status WHEN 'discarded' THEN old.status_at ELSE now() END
