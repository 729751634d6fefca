-- What the sums of the day, :day, have more than rollup_months, by key; none where the day is not in the months yet.
SELECT day, 3::smallint AS grain, account_id, offer_id, publisher_id, kind, outcome, reason, currency,
    sum(hits) AS hits, sum(bots) AS bots, sum(revenue) AS revenue, sum(payout) AS payout
FROM (
    SELECT day, account_id, offer_id, publisher_id, kind, outcome, reason, currency,
        day_hits AS hits, coalesce(day_bots, 0) AS bots, coalesce(day_revenue, 0) AS revenue, coalesce(day_payout, 0) AS payout
    FROM rollups
    WHERE day = :day::date AND grain = 3
    UNION ALL
    SELECT :day::date, m.account_id, m.offer_id, m.publisher_id, m.kind, m.outcome, m.reason, m.currency,
        coalesce(m.hits[width_bucket(s.before, m.slots)], 0) - coalesce(m.hits[width_bucket(s.slot, m.slots)], 0),
        coalesce(m.bots[width_bucket(s.before, m.slots)], 0) - coalesce(m.bots[width_bucket(s.slot, m.slots)], 0),
        coalesce(m.revenue[width_bucket(s.before, m.slots)], 0) - coalesce(m.revenue[width_bucket(s.slot, m.slots)], 0),
        coalesce(m.payout[width_bucket(s.before, m.slots)], 0) - coalesce(m.payout[width_bucket(s.slot, m.slots)], 0)
    FROM rollup_months m
    CROSS JOIN (
        SELECT extract(day FROM :day::date)::smallint AS slot, (extract(day FROM :day::date) - 1)::smallint AS before
    ) AS s
    WHERE m.month = date_trunc('month', :day::date)::date
) AS both_sides
WHERE day < (SELECT months_until FROM rollup_state)
GROUP BY day, account_id, offer_id, publisher_id, kind, outcome, reason, currency
HAVING sum(hits) <> 0 OR sum(bots) <> 0 OR sum(revenue) <> 0 OR sum(payout) <> 0
