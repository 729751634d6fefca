-- Adds to the months what the sums of a day have more, and returns how many sums differed.
WITH grained AS MATERIALIZED (
\ir month_difference.sql
), corrected AS (
    INSERT INTO rollup_months (month, whole, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, bots, revenue, payout)
    SELECT month, false, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, bots, revenue, payout
    FROM (
\ir of_months.sql
    ) AS months
)
SELECT count(*) FROM grained
