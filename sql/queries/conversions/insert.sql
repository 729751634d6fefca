-- Inserts the conversions that are the first with their key: one array for each column, in the order of the key. Each
-- array in the SELECT list returns its values row by row; in FROM, a function of many arrays would copy each of them
-- first. Returns the ids that were not inserted, because they are few, and returning a row costs more than looking it
-- up. It inserts nothing when the offers with unique orders have changed since :rules_version, which is checked once
-- for all rows, in the snapshot in which they are written.
WITH written AS (
INSERT INTO conversions (id, account_id, dedup_key, transaction_id, offer_id, publisher_id, event, status, method,
    route, revenue, payout, currency, converted_at, order_id, external_transaction_id,
    sub_id, sub_id_2, sub_id_3, sub_id_4, sub_id_5, sub_id_6,
    adv_sub_id, adv_sub_id_2, adv_sub_id_3, adv_sub_id_4,
    conversion_ip, session_time, user_agent, user_email_hash,
    device_id, purchase_value, clicked_at, click_ip, click_user_agent, test)
SELECT
    unnest(:ids::uuid[]), unnest(:account_ids::bigint[]), unnest(:dedup_keys::uuid[]),
    unnest(:transaction_ids::uuid[]), unnest(:offer_ids::bigint[]), unnest(:publisher_ids::bigint[]),
    unnest(:events::text[]), unnest(:statuses::text[]), unnest(:methods::text[]), unnest(:routes::text[]),
    unnest(:revenues::text[])::numeric, unnest(:payouts::text[])::numeric, unnest(:currencies::text[]),
    unnest(:converted_at::timestamptz[]), unnest(:order_ids::text[]), unnest(:external_transaction_ids::text[]),
    unnest(:sub_id::text[]), unnest(:sub_id_2::text[]), unnest(:sub_id_3::text[]), unnest(:sub_id_4::text[]),
    unnest(:sub_id_5::text[]), unnest(:sub_id_6::text[]), unnest(:adv_sub_id::text[]),
    unnest(:adv_sub_id_2::text[]), unnest(:adv_sub_id_3::text[]), unnest(:adv_sub_id_4::text[]),
    unnest(:conversion_ips::text[])::inet, unnest(:session_times::timestamptz[]), unnest(:user_agents::text[]),
    unnest(:user_email_hashes::text[]), unnest(:device_ids::text[]), unnest(:purchase_values::text[])::numeric,
    unnest(:clicked_at::timestamptz[]), unnest(:click_ips::text[])::inet, unnest(:click_user_agents::text[]), unnest(:tests::boolean[])
WHERE (SELECT version FROM unique_orders_version) = :rules_version::bigint
ON CONFLICT DO NOTHING
RETURNING id
)
SELECT id FROM unnest(:ids::uuid[]) AS claim (id)
WHERE id NOT IN (SELECT id FROM written)
