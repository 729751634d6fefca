-- Conversions by transaction_id ($1) or by id ($2).
SELECT id, account_id, encode(uuid_send(transaction_id), 'hex') AS transaction_id, offer_id, publisher_id, event, status,
       method, route, revenue, payout, currency, converted_at,
       json_strip_nulls(json_build_object(
           'order_id', order_id, 'external_transaction_id', external_transaction_id,
           'sub_id', sub_id, 'sub_id_2', sub_id_2, 'sub_id_3', sub_id_3,
           'sub_id_4', sub_id_4, 'sub_id_5', sub_id_5, 'sub_id_6', sub_id_6,
           'adv_sub_id', adv_sub_id, 'adv_sub_id_2', adv_sub_id_2,
           'adv_sub_id_3', adv_sub_id_3, 'adv_sub_id_4', adv_sub_id_4,
           'conversion_ip', host(conversion_ip), 'session_time', session_time,
           'user_agent', user_agent, 'user_email_hash', user_email_hash)) AS parameters
FROM conversions
WHERE transaction_id = ANY ($1::uuid[]) OR id = ANY ($2::uuid[])
ORDER BY converted_at, id, account_id
