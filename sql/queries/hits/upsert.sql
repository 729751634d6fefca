-- Writes new decisions about hits that were decided before and whose rows are locked (see hits/lock_decided), in
-- ascending order: one array for each column.
INSERT INTO hits (id, account_id, kind, received_at, outcome, reason, route, token_id, offer_id, publisher_id,
    transaction_id, conversion_id, duplicate_of, request,
    find_ip, find_conversion_ip, find_order, find_external, find_sub, find_device, find_token, find_email, test)
SELECT
    unnest(:ids::uuid[]), unnest(:account_ids::bigint[]), unnest(:kinds::text[]),
    unnest(:received_at::timestamptz[]), unnest(:outcomes::text[]), unnest(:reasons::text[]),
    unnest(:routes::text[]), unnest(:token_ids::bigint[]), unnest(:offer_ids::bigint[]),
    unnest(:publisher_ids::bigint[]), unnest(:transaction_ids::uuid[]), unnest(:conversion_ids::uuid[]),
    unnest(:duplicate_of::uuid[]), unnest(:requests::json[]),
    unnest(:find_ips::bigint[]), unnest(:find_conversion_ips::bigint[]), unnest(:find_orders::bigint[]),
    unnest(:find_externals::bigint[]), unnest(:find_subs::bigint[]), unnest(:find_devices::bigint[]),
    unnest(:find_tokens::bigint[]), unnest(:find_emails::bigint[]), unnest(:tests::boolean[])
ON CONFLICT (id) DO UPDATE SET
    account_id = excluded.account_id,
    outcome = excluded.outcome, reason = excluded.reason, route = excluded.route, token_id = excluded.token_id,
    offer_id = excluded.offer_id, publisher_id = excluded.publisher_id,
    transaction_id = coalesce(excluded.transaction_id, hits.transaction_id), -- the id of a refused hit may verify now
    conversion_id = excluded.conversion_id, duplicate_of = excluded.duplicate_of,
    request = excluded.request, -- its notes may have changed
    find_ip = excluded.find_ip, find_conversion_ip = excluded.find_conversion_ip, find_order = excluded.find_order,
    find_external = excluded.find_external, find_sub = excluded.find_sub, find_device = excluded.find_device,
    find_token = excluded.find_token, find_email = excluded.find_email, test = excluded.test,
    decided_at = now(), decisions = hits.decisions + 1
