-- Order ids for which an offer paid more than once in a period, by whatever way in, with what all but the first conversion
-- cost: at most :most, and how many there are. Only conversions of the period are compared, through their primary key,
-- which begins with the time.
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
    WHERE id >= CAST(:low AS uuid) AND id < CAST(:high AS uuid) AND order_id IS NOT NULL
      AND (CAST(:account_id AS bigint) = 0 OR account_id = CAST(:account_id AS bigint))
      AND (CAST(:offer_id AS bigint) = 0 OR offer_id = CAST(:offer_id AS bigint))
      AND (CAST(:publisher_id AS bigint) = 0 OR publisher_id = CAST(:publisher_id AS bigint))
    GROUP BY account_id, offer_id, order_id
    HAVING count(*) > 1
) AS paid
ORDER BY payout_repeated DESC, account_id, offer_id, order_id
LIMIT CAST(:most AS bigint)
