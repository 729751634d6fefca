-- What the rows of a quarter hour, from :begins to before :ends, have more than the roll-ups, by grain and key. All is read
-- in one snapshot, in which each row is counted or not yet written.
SELECT day, slot, grain, account_id, offer_id, publisher_id, kind, outcome, reason, currency,
    sum(hits) AS hits, sum(bots) AS bots, sum(revenue) AS revenue, sum(payout) AS payout
FROM (
    SELECT day, slot, grain, account_id, offer_id, publisher_id, kind, outcome, reason, currency, hits, bots, revenue, payout
    FROM (
        WITH sums AS (
            SELECT * FROM (
\ir row_sums.sql
            ) AS counted
            UNION ALL
            SELECT minute, account_id, offer_id, publisher_id, kind, outcome, reason, currency, -hits, -bots, -revenue, -payout
            FROM rollup_minutes
            WHERE minute >= greatest(:begins::timestamptz, (SELECT folded_until FROM rollup_state)) AND minute < :ends::timestamptz
            UNION ALL
            SELECT minute, account_id, offer_id, publisher_id, kind, outcome, reason, currency, -hits, -bots, -revenue, -payout
            FROM rollup_deltas
            WHERE minute >= :begins::timestamptz AND minute < :ends::timestamptz
        )
\ir grains.sql
    ) AS grained
    UNION ALL
    SELECT r.day, s.slot, r.grain, r.account_id, r.offer_id, r.publisher_id, r.kind, r.outcome, r.reason, r.currency,
        coalesce(r.hits[width_bucket(s.before, r.slots)], 0) - coalesce(r.hits[width_bucket(s.slot, r.slots)], 0),
        coalesce(r.bots[width_bucket(s.before, r.slots)], 0) - coalesce(r.bots[width_bucket(s.slot, r.slots)], 0),
        coalesce(r.revenue[width_bucket(s.before, r.slots)], 0) - coalesce(r.revenue[width_bucket(s.slot, r.slots)], 0),
        coalesce(r.payout[width_bucket(s.before, r.slots)], 0) - coalesce(r.payout[width_bucket(s.slot, r.slots)], 0)
    FROM rollups r
    CROSS JOIN (
        SELECT (extract(epoch FROM :begins::timestamptz)::bigint % 86400 / 900)::smallint AS slot,
            (extract(epoch FROM :begins::timestamptz)::bigint % 86400 / 900 - 1)::smallint AS before
    ) AS s
    WHERE r.day = :begins::timestamptz::date
) AS both_sides
GROUP BY day, slot, grain, account_id, offer_id, publisher_id, kind, outcome, reason, currency
HAVING sum(hits) <> 0 OR sum(bots) <> 0 OR sum(revenue) <> 0 OR sum(payout) <> 0
