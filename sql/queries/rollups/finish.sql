-- Sums up the rows of a day, a grain and a kind, so that each key has one row of the whole day.
WITH gone AS (
    DELETE FROM rollups WHERE day = :day::date AND grain = :grain::smallint AND kind = :kind::text RETURNING *
), grained AS (
\ir unpacked.sql
)
INSERT INTO rollups (day, grain, whole, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, bots, revenue, payout)
SELECT day, grain, true, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, bots, revenue, payout
FROM (
\ir packed.sql
) AS packed
