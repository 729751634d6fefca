-- Folds the minutes from where the last call ended to before :until into the quarter hours. The minutes stay for charts.
WITH sums AS (
    SELECT * FROM rollup_minutes
    WHERE minute >= (SELECT folded_until FROM rollup_state) AND minute < :until::timestamptz
), grained AS (
\ir grains.sql
), moved AS (
    UPDATE rollup_state SET folded_until = :until::timestamptz
)
INSERT INTO rollups (day, grain, whole, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, bots, revenue, payout)
SELECT day, grain, false, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, bots, revenue, payout
FROM (
\ir packed.sql
) AS packed
