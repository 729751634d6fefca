-- The offers of these accounts ($1) with these ids ($2), pair by pair, as offers.sql reads them. Each is found through the
-- primary key, whatever is known of the table: OFFSET 0 keeps the planner from reading all of it for many pairs.
SELECT found.*
FROM unnest($1::bigint[], $2::bigint[]) AS wanted (account_id, id)
CROSS JOIN LATERAL (
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
    ) AS later_identity
    FROM offers
    WHERE offers.account_id = wanted.account_id AND offers.id = wanted.id
    OFFSET 0
) AS found
