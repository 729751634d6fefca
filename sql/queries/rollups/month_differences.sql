-- The differences between the sums of a day and of its month, at most :most.
SELECT day::timestamp AT TIME ZONE 'UTC' AS begins, :grain::smallint AS grain, account_id, offer_id, publisher_id, kind, outcome, reason, currency,
    hits, bots, revenue, payout, count(*) OVER () AS total
FROM (
\ir month_difference.sql
) AS differs
ORDER BY account_id, offer_id, publisher_id, kind, outcome, reason, currency
LIMIT :most::bigint
