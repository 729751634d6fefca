-- Adds the first day that is not in the months yet to them.
WITH grained AS (
    SELECT day, grain, account_id, offer_id, publisher_id, kind, outcome, reason, currency,
        day_hits AS hits, coalesce(day_bots, 0) AS bots, coalesce(day_revenue, 0) AS revenue, coalesce(day_payout, 0) AS payout
    FROM rollups
    WHERE day = (SELECT months_until FROM rollup_state) AND grain = 3
), moved AS (
    UPDATE rollup_state SET months_until = months_until + 1
)
INSERT INTO rollup_months (month, whole, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, bots, revenue, payout)
SELECT month, false, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, bots, revenue, payout
FROM (
\ir of_months.sql
) AS months
