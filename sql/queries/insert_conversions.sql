-- Writes those conversions that are the first with their key: $1 is a JSON
-- array of rows. Inserted in the order of the key, so that two batches with
-- the same keys wait for each other instead of deadlocking. Answers the ids
-- that went in.
INSERT INTO conversions (id, account_id, dedup_key, transaction_id, offer_id, publisher_id, event, status, method,
    route, revenue, payout, currency, converted_at, order_id, external_transaction_id,
    sub_id, sub_id_2, sub_id_3, sub_id_4, sub_id_5, sub_id_6,
    adv_sub_id, adv_sub_id_2, adv_sub_id_3, adv_sub_id_4,
    conversion_ip, session_time, user_agent, user_email_hash)
SELECT id, account_id, dedup_key, transaction_id, offer_id, publisher_id, event, status, method,
    route, revenue, payout, currency, converted_at, order_id, external_transaction_id,
    sub_id, sub_id_2, sub_id_3, sub_id_4, sub_id_5, sub_id_6,
    adv_sub_id, adv_sub_id_2, adv_sub_id_3, adv_sub_id_4,
    conversion_ip, session_time, user_agent, user_email_hash
FROM json_populate_recordset(NULL::conversions, $1)
ORDER BY dedup_key, account_id, converted_at, id
ON CONFLICT DO NOTHING
RETURNING id
