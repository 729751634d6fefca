-- Moves at most :most deltas on: into the minutes, and those of minutes that have been folded into the quarter hours. Takes
-- the minutes before :closed, to which little is added any more, and those of clocks that are ahead. Minutes from
-- :kept_from on are kept for charts. Returns how many deltas it moved.
WITH gone AS (
    DELETE FROM rollup_deltas
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM rollup_deltas
        WHERE minute < :closed::timestamptz OR minute > :closed::timestamptz + interval '1 hour'
        LIMIT :most::bigint))
    RETURNING *
), changes AS MATERIALIZED (
    SELECT minute, account_id, offer_id, publisher_id, kind, outcome, reason, currency,
        sum(hits) AS hits, sum(bots) AS bots, sum(revenue) AS revenue, sum(payout) AS payout
    FROM gone
    GROUP BY minute, account_id, offer_id, publisher_id, kind, outcome, reason, currency
    HAVING sum(hits) <> 0 OR sum(bots) <> 0 OR sum(revenue) <> 0 OR sum(payout) <> 0
), added AS (
    INSERT INTO rollup_minutes (minute, account_id, offer_id, publisher_id, kind, outcome, reason, currency, hits, bots, revenue, payout)
    SELECT minute, account_id, offer_id, publisher_id, kind, outcome, reason, currency, hits, bots, revenue, payout
    FROM changes
    WHERE minute >= least(:kept_from::timestamptz, (SELECT folded_until FROM rollup_state))
), sums AS (
    SELECT * FROM changes WHERE minute < (SELECT folded_until FROM rollup_state)
), grained AS MATERIALIZED (
\ir grains.sql
), corrected_months AS (
    INSERT INTO rollup_months (month, whole, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, bots, revenue, payout)
    SELECT month, false, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, bots, revenue, payout
    FROM (
\ir of_months.sql
    ) AS months
    WHERE month + (slots[1] - 1) < (SELECT months_until FROM rollup_state)
), corrected AS (
    INSERT INTO rollups (day, grain, whole, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, bots, revenue, payout)
    SELECT day, grain, false, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, bots, revenue, payout
    FROM (
\ir packed.sql
    ) AS packed
)
SELECT count(*) FROM gone
