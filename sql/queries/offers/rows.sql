-- Offers with their overrides, and the rules of identity that replaced their first ones, whose times are in
-- microseconds since 1970, and whether an order_id is paid once. offers/list and offers/find include it.
SELECT id, account_id, advertiser_id, name, destination, status, currency, payout, payout_is_percent, revenue,
       revenue_is_percent, window_seconds, many_per_click, base_words, ignored_params, own_amounts, own_ceiling, created_at, (
    SELECT coalesce(json_agg(terms ORDER BY terms.publisher_id), '[]')
    FROM offer_overrides AS terms
    WHERE terms.account_id = offers.account_id AND terms.offer_id = offers.id
) AS overrides, (
    SELECT json_agg(json_build_object('since', (extract(epoch FROM later.since) * 1000000)::bigint,
        'many_per_click', later.many_per_click) ORDER BY later.since)
    FROM offer_identity AS later
    WHERE later.account_id = offers.account_id AND later.offer_id = offers.id
) AS later_identity, coalesce(orders.state, '') AS unique_orders
FROM offers
LEFT JOIN (SELECT account_id AS of_account, offer_id AS of_offer, state FROM unique_order_offers) AS orders
    ON orders.of_account = account_id AND orders.of_offer = id
