-- Conversions by transaction_id (:transaction_ids) or by id (:ids). The key of a conversion with a click begins with
-- the time of the click's id, which is the first 13 characters of it; few keys have the same millisecond. OFFSET 0
-- makes Postgres look the conversions up through that key; without it, Postgres would read the whole table, because it
-- does not know that they are few.
WITH asked AS (
    SELECT id FROM conversions WHERE id = ANY (:ids::uuid[])
    UNION
    SELECT v.id
    FROM unnest(:transaction_ids::uuid[]) AS click (id)
    CROSS JOIN LATERAL (
        SELECT id FROM conversions
        WHERE transaction_id = click.id
          AND dedup_key >= (left(click.id::text, 13) || '-0000-0000-000000000000')::uuid
          AND dedup_key <= (left(click.id::text, 13) || '-ffff-ffff-ffffffffffff')::uuid
        OFFSET 0
    ) AS v
)
SELECT id, account_id, encode(uuid_send(transaction_id), 'hex') AS transaction_id, offer_id, publisher_id, event, status,
       method, route, revenue, payout, currency, converted_at,
       json_strip_nulls(json_build_object(
           'order_id', order_id, 'external_transaction_id', external_transaction_id,
           'sub_id', sub_id, 'sub_id_2', sub_id_2, 'sub_id_3', sub_id_3,
           'sub_id_4', sub_id_4, 'sub_id_5', sub_id_5, 'sub_id_6', sub_id_6,
           'adv_sub_id', adv_sub_id, 'adv_sub_id_2', adv_sub_id_2,
           'adv_sub_id_3', adv_sub_id_3, 'adv_sub_id_4', adv_sub_id_4,
           'conversion_ip', host(conversion_ip), 'session_time', session_time,
           'user_agent', user_agent, 'user_email_hash', user_email_hash,
           'device_id', device_id, 'purchase_value', trim_scale(purchase_value)::text)) AS parameters,
       clicked_at, host(click_ip) AS click_ip, click_user_agent, test
FROM asked
CROSS JOIN LATERAL (
    SELECT account_id, transaction_id, offer_id, publisher_id, event, status, method, route, revenue, payout, currency, converted_at,
        order_id, external_transaction_id, sub_id, sub_id_2, sub_id_3, sub_id_4, sub_id_5, sub_id_6,
        adv_sub_id, adv_sub_id_2, adv_sub_id_3, adv_sub_id_4, conversion_ip, session_time, user_agent, user_email_hash,
        device_id, purchase_value, clicked_at, click_ip, click_user_agent, test
    FROM conversions WHERE id = asked.id
    OFFSET 0
) AS v
ORDER BY converted_at, id
