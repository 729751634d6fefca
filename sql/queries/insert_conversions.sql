-- Writes those conversions that are the first with their key: one array a
-- column. Inserted in the order of the key, so that two batches with the same
-- keys wait for each other instead of deadlocking. Answers the ids that did not
-- go in: there are few of them, and a row that is answered costs more than one
-- that is looked for.
WITH written AS (
INSERT INTO conversions (id, account_id, dedup_key, transaction_id, offer_id, publisher_id, event, status, method,
    route, revenue, payout, currency, converted_at, order_id, external_transaction_id,
    sub_id, sub_id_2, sub_id_3, sub_id_4, sub_id_5, sub_id_6,
    adv_sub_id, adv_sub_id_2, adv_sub_id_3, adv_sub_id_4,
    conversion_ip, session_time, user_agent, user_email_hash)
SELECT id, account_id, dedup_key, transaction_id, offer_id, publisher_id, event, status, method,
    route, revenue::numeric, payout::numeric, currency, converted_at, order_id, external_transaction_id,
    sub_id, sub_id_2, sub_id_3, sub_id_4, sub_id_5, sub_id_6,
    adv_sub_id, adv_sub_id_2, adv_sub_id_3, adv_sub_id_4,
    conversion_ip::inet, session_time, user_agent, user_email_hash
FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::text[], $13::text[], $14::timestamptz[], $15::text[], $16::text[],
    $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[],
    $23::text[], $24::text[], $25::text[], $26::text[],
    $27::text[], $28::timestamptz[], $29::text[], $30::text[])
    AS row (id, account_id, dedup_key, transaction_id, offer_id, publisher_id, event, status, method,
    route, revenue, payout, currency, converted_at, order_id, external_transaction_id,
    sub_id, sub_id_2, sub_id_3, sub_id_4, sub_id_5, sub_id_6,
    adv_sub_id, adv_sub_id_2, adv_sub_id_3, adv_sub_id_4,
    conversion_ip, session_time, user_agent, user_email_hash)
ORDER BY dedup_key, account_id, converted_at, id
ON CONFLICT DO NOTHING
RETURNING id
)
SELECT id FROM unnest($1::uuid[]) AS claim (id)
WHERE id NOT IN (SELECT id FROM written)
