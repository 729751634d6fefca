-- Adds the differences of a quarter hour to the roll-ups, so that they equal the rows, and returns how many there were. It
-- adds to the quarter hours where those are folded, and else to the deltas, which count at any time.
WITH differs AS MATERIALIZED (
\ir difference.sql
), grained AS (
    SELECT * FROM differs WHERE :begins::timestamptz < (SELECT folded_until FROM rollup_state)
), folded AS (
    INSERT INTO rollups (day, grain, whole, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, bots, revenue, payout)
    SELECT day, grain, false, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, bots, revenue, payout
    FROM (
\ir packed.sql
    ) AS packed
), unfolded AS (
    INSERT INTO rollup_deltas (minute, account_id, offer_id, publisher_id, kind, outcome, reason, currency, hits, bots, revenue, payout)
    SELECT (day + slot * interval '15 minutes')::timestamptz, account_id, offer_id, publisher_id, kind, outcome, reason, currency, hits, bots, revenue, payout
    FROM differs
    WHERE grain = 3 AND :begins::timestamptz >= (SELECT folded_until FROM rollup_state)
), complete AS (
    UPDATE rollup_state SET complete_from = :begins::timestamptz
    WHERE complete_from > :begins::timestamptz AND complete_from <= :ends::timestamptz
)
SELECT count(*) FROM differs
