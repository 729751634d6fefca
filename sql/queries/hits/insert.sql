-- Inserts decided hits that have no row yet, in ascending order: one array for each column. It has no ON CONFLICT,
-- which would cost a tenth of the whole transaction: a conflict, when another transaction decides the same hit at the
-- same time, is rare, and is an error.
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
