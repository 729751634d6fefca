-- Writes what became of hits that may have a row, in ascending order: one array a
-- column. A final outcome stays as it is; any other gives way. Answers how often
-- each has been decided that was written.
INSERT INTO hits (id, account_id, kind, received_at, outcome, reason, route, token_id, offer_id, publisher_id,
    transaction_id, conversion_id, duplicate_of, request)
SELECT unnest($1::uuid[]), unnest($2::bigint[]), unnest($3::text[]), unnest($4::timestamptz[]),
    unnest($5::text[]), unnest($6::text[]), unnest($7::text[]), unnest($8::bigint[]), unnest($9::bigint[]),
    unnest($10::bigint[]), unnest($11::uuid[]), unnest($12::uuid[]), unnest($13::uuid[]), unnest($14::json[])
ON CONFLICT (id, account_id) DO UPDATE SET
    outcome = excluded.outcome, reason = excluded.reason, route = excluded.route, token_id = excluded.token_id,
    offer_id = excluded.offer_id, publisher_id = excluded.publisher_id,
    conversion_id = excluded.conversion_id, duplicate_of = excluded.duplicate_of,
    decided_at = now(), decisions = hits.decisions + 1
WHERE hits.outcome NOT IN ('recorded', 'converted', 'duplicate')
RETURNING id, decisions
