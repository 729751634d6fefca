-- The sums of each day of grained as rows of rollup_months.
SELECT date_trunc('month', day)::date AS month, account_id, offer_id, publisher_id, kind, outcome, reason, currency,
    ARRAY[extract(day FROM day)::smallint] AS slots, ARRAY[sum(hits)::bigint] AS hits,
    CASE WHEN sum(bots) <> 0 THEN ARRAY[sum(bots)::bigint] END AS bots,
    CASE WHEN sum(revenue) <> 0 THEN ARRAY[sum(revenue)] END AS revenue,
    CASE WHEN sum(payout) <> 0 THEN ARRAY[sum(payout)] END AS payout
FROM grained
WHERE grain = 3
GROUP BY day, account_id, offer_id, publisher_id, kind, outcome, reason, currency
HAVING sum(hits) <> 0 OR sum(bots) <> 0 OR sum(revenue) <> 0 OR sum(payout) <> 0
