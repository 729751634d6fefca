-- The quarter hours of each key as arrays of running sums: see the table rollups.
SELECT day, grain, account_id, offer_id, publisher_id, kind, outcome, reason, currency,
    array_agg(slot ORDER BY slot) AS slots,
    array_agg(hits::bigint ORDER BY slot) AS hits,
    CASE WHEN bool_or(bots <> 0) THEN array_agg(bots::bigint ORDER BY slot) END AS bots,
    CASE WHEN bool_or(revenue <> 0) THEN array_agg(revenue ORDER BY slot) END AS revenue,
    CASE WHEN bool_or(payout <> 0) THEN array_agg(payout ORDER BY slot) END AS payout
FROM (
    SELECT day, slot, grain, account_id, offer_id, publisher_id, kind, outcome, reason, currency,
        sum(hits) OVER running AS hits, sum(bots) OVER running AS bots,
        sum(revenue) OVER running AS revenue, sum(payout) OVER running AS payout
    FROM grained
    WINDOW running AS (PARTITION BY day, grain, account_id, offer_id, publisher_id, kind, outcome, reason, currency ORDER BY slot)
) AS summed
GROUP BY day, grain, account_id, offer_id, publisher_id, kind, outcome, reason, currency
