-- Sums up the rows of a month and a kind, so that each key has one row of the whole month.
WITH deleted AS (
    DELETE FROM rollup_months WHERE month = :month::date AND kind = :kind::text RETURNING *
), gone AS (
    SELECT month AS day, 3::smallint AS grain, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, bots, revenue, payout
    FROM deleted
), grained AS (
\ir unpacked.sql
)
INSERT INTO rollup_months (month, whole, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, bots, revenue, payout)
SELECT day, true, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, bots, revenue, payout
FROM (
\ir packed.sql
) AS packed
