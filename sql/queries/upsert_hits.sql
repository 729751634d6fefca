-- Writes what became of hits: one array a column. A final outcome stays as it
-- is; any other gives way. Answers how often each has been decided that has not
-- been for the first time, 0 for those that were left as they are.
WITH written AS (
INSERT INTO hits (id, account_id, kind, received_at, outcome, reason, route, token_id, offer_id, publisher_id,
    transaction_id, conversion_id, duplicate_of, request)
SELECT *
FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
    $8::bigint[], $9::bigint[], $10::bigint[], $11::uuid[], $12::uuid[], $13::uuid[], $14::json[])
    AS row (id, account_id)
ORDER BY id, account_id
ON CONFLICT (id, account_id) DO UPDATE SET
    outcome = excluded.outcome, reason = excluded.reason, route = excluded.route, token_id = excluded.token_id,
    offer_id = excluded.offer_id, publisher_id = excluded.publisher_id,
    conversion_id = excluded.conversion_id, duplicate_of = excluded.duplicate_of,
    decided_at = now(), decisions = hits.decisions + 1
WHERE hits.outcome NOT IN ('recorded', 'converted', 'duplicate')
RETURNING id, decisions
)
SELECT id, decisions FROM written WHERE decisions > 1
UNION ALL
SELECT id, 0 FROM unnest($1::uuid[]) AS hit (id)
WHERE id NOT IN (SELECT id FROM written)
