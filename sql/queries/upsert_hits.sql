-- Writes what became of hits that were decided before and whose rows are locked (see find_decided), in ascending order:
-- one array a column.
INSERT INTO hits (id, account_id, kind, received_at, outcome, reason, route, token_id, offer_id, publisher_id,
    transaction_id, conversion_id, duplicate_of, request)
SELECT unnest($1::uuid[]), unnest($2::bigint[]), unnest($3::text[]), unnest($4::timestamptz[]),
    unnest($5::text[]), unnest($6::text[]), unnest($7::text[]), unnest($8::bigint[]), unnest($9::bigint[]),
    unnest($10::bigint[]), unnest($11::uuid[]), unnest($12::uuid[]), unnest($13::uuid[]), unnest($14::json[])
ON CONFLICT (id) DO UPDATE SET
    account_id = excluded.account_id,
    outcome = excluded.outcome, reason = excluded.reason, route = excluded.route, token_id = excluded.token_id,
    offer_id = excluded.offer_id, publisher_id = excluded.publisher_id,
    transaction_id = coalesce(excluded.transaction_id, hits.transaction_id), -- one that was refused may verify now
    conversion_id = excluded.conversion_id, duplicate_of = excluded.duplicate_of,
    request = excluded.request, -- its notes may say something else now
    decided_at = now(), decisions = hits.decisions + 1
