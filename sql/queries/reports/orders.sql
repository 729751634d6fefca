-- Order ids for which an offer paid more than once in a period, through all ways in, with the cost of all but the first
-- conversion: at most :most, and the number of all. Only conversions of the period are compared, through their primary
-- key, which begins with the time.
SELECT account_id, offer_id, order_id, conversions, ways, currencies, revenue_repeated, payout_repeated, first_at, last_at, first_id,
       count(*) OVER () AS total
FROM (
    SELECT account_id, offer_id, order_id, count(*) AS conversions,
           string_agg(DISTINCT method, ', ' ORDER BY method) AS ways,
           string_agg(DISTINCT currency, ', ' ORDER BY currency) AS currencies,
           sum(revenue) - (array_agg(revenue ORDER BY id))[1] AS revenue_repeated,
           sum(payout) - (array_agg(payout ORDER BY id))[1] AS payout_repeated,
           min(converted_at) AS first_at, max(converted_at) AS last_at,
           (array_agg(id ORDER BY id))[1] AS first_id
    FROM conversions
    WHERE id >= :low::uuid AND id < :high::uuid AND order_id IS NOT NULL AND NOT test
      AND (:account_id::bigint = 0 OR account_id = :account_id::bigint)
      AND (:offer_id::bigint = 0 OR offer_id = :offer_id::bigint)
      AND (:publisher_id::bigint = 0 OR publisher_id = :publisher_id::bigint)
    GROUP BY account_id, offer_id, order_id
    HAVING count(*) > 1
) AS paid
ORDER BY payout_repeated DESC, account_id, offer_id, order_id
LIMIT :most::bigint
