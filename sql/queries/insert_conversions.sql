-- Writes those conversions that are the first with their key: one array a
-- column, in the order of the key. Each array in the list of results gives its
-- values row by row; as a table of many arrays, each would be copied first.
-- Answers the ids that did not go in: there are few of them, and a row that is
-- answered costs more than one that is looked for.
-- None goes in while the offers with unique orders have changed since version $31:
-- one look for all rows, by the snapshot in which they are written.
WITH written AS (
INSERT INTO conversions (id, account_id, dedup_key, transaction_id, offer_id, publisher_id, event, status, method,
    route, revenue, payout, currency, converted_at, order_id, external_transaction_id,
    sub_id, sub_id_2, sub_id_3, sub_id_4, sub_id_5, sub_id_6,
    adv_sub_id, adv_sub_id_2, adv_sub_id_3, adv_sub_id_4,
    conversion_ip, session_time, user_agent, user_email_hash)
SELECT unnest($1::uuid[]), unnest($2::bigint[]), unnest($3::uuid[]), unnest($4::uuid[]), unnest($5::bigint[]),
    unnest($6::bigint[]), unnest($7::text[]), unnest($8::text[]), unnest($9::text[]), unnest($10::text[]),
    unnest($11::text[])::numeric, unnest($12::text[])::numeric, unnest($13::text[]), unnest($14::timestamptz[]),
    unnest($15::text[]), unnest($16::text[]), unnest($17::text[]), unnest($18::text[]), unnest($19::text[]),
    unnest($20::text[]), unnest($21::text[]), unnest($22::text[]), unnest($23::text[]), unnest($24::text[]),
    unnest($25::text[]), unnest($26::text[]), unnest($27::text[])::inet, unnest($28::timestamptz[]),
    unnest($29::text[]), unnest($30::text[])
WHERE (SELECT version FROM unique_orders_version) = $31::bigint
ON CONFLICT DO NOTHING
RETURNING id
)
SELECT id FROM unnest($1::uuid[]) AS claim (id)
WHERE id NOT IN (SELECT id FROM written)
