-- The differences of a quarter hour, at most :most.
SELECT day + slot * interval '15 minutes' AS begins, grain, account_id, offer_id, publisher_id, kind, outcome, reason, currency,
    hits, bots, revenue, payout, count(*) OVER () AS total
FROM (
\ir difference.sql
) AS differs
ORDER BY grain DESC, account_id, offer_id, publisher_id, kind, outcome, reason, currency
LIMIT :most::bigint
