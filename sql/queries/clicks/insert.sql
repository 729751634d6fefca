-- Inserts clicks, in the order of their ids: one array for each column.
INSERT INTO clicks (transaction_id, account_id, hit_id, offer_id, publisher_id, clicked_at,
    sub_id, sub_id_2, sub_id_3, sub_id_4, sub_id_5, sub_id_6, external_transaction_id, device_id, bot,
    client_ip, user_agent, test)
SELECT
    unnest(:transaction_ids::uuid[]), unnest(:account_ids::bigint[]), unnest(:hit_ids::uuid[]),
    unnest(:offer_ids::bigint[]), unnest(:publisher_ids::bigint[]), unnest(:clicked_at::timestamptz[]),
    unnest(:sub_id::text[]), unnest(:sub_id_2::text[]), unnest(:sub_id_3::text[]), unnest(:sub_id_4::text[]),
    unnest(:sub_id_5::text[]), unnest(:sub_id_6::text[]), unnest(:external_transaction_ids::text[]),
    unnest(:device_ids::text[]), unnest(:bots::boolean[]),
    unnest(:client_ips::text[])::inet, unnest(:user_agents::text[]), unnest(:tests::boolean[])
ON CONFLICT DO NOTHING
