-- The sums of hits by what the flags say; a column by which nothing is summed is 0 or ''. The period is cut where a label
-- begins: begins are ascending, each within a day of UTC, and end where the next one begins, the last one at :until.
-- They are whole quarter hours. outcomes chooses outcomes, all where it is empty.
WITH segment AS (
    -- Of the type of rollups.slots, so that no array is converted: the last slots before the span and within it.
    SELECT label, begins::date AS day,
        (extract(epoch FROM begins)::bigint % 86400 / 900 - 1)::smallint AS low,
        (extract(epoch FROM begins)::bigint % 86400 / 900 - 1 + extract(epoch FROM ends - begins)::bigint / 900)::smallint AS high,
        ends - begins = interval '1 day' AS whole
    FROM (
        SELECT begins, label, lead(begins, 1, :until::timestamptz) OVER (ORDER BY begins) AS ends
        FROM unnest(:begins::timestamptz[], :labels::bigint[]) AS s (begins, label)
    ) AS s
), month AS (
    -- Most of a long period. by_month says that the whole days have one label; they have no gap then.
    SELECT date_trunc('month', day)::date AS month, (:day_labels::bigint[])[1] AS label,
        (extract(day FROM min(day)) - 1)::smallint AS low, extract(day FROM max(day))::smallint AS high
    FROM unnest(:whole_days::date[]) AS s (day)
    WHERE :by_month::boolean AND day < (SELECT months_until FROM rollup_state)
    GROUP BY 1
), summand AS (
    SELECT s.label, r.account_id, r.offer_id, r.publisher_id, r.kind, r.outcome, r.reason, r.currency,
        coalesce(r.hits[width_bucket(s.high, r.slots)], 0) - coalesce(r.hits[width_bucket(s.low, r.slots)], 0) AS hits,
        -- NULL costs less than 0: most rows have neither.
        CASE WHEN r.bots IS NOT NULL
            THEN coalesce(r.bots[width_bucket(s.high, r.slots)], 0) - coalesce(r.bots[width_bucket(s.low, r.slots)], 0) END AS bots,
        CASE WHEN r.revenue IS NOT NULL
            THEN coalesce(r.revenue[width_bucket(s.high, r.slots)], 0) - coalesce(r.revenue[width_bucket(s.low, r.slots)], 0) END AS revenue,
        CASE WHEN r.payout IS NOT NULL
            THEN coalesce(r.payout[width_bucket(s.high, r.slots)], 0) - coalesce(r.payout[width_bucket(s.low, r.slots)], 0) END AS payout
    FROM segment s
    JOIN rollups r ON r.day = s.day AND r.grain = :grain::smallint
    -- Of the values the planner knows how few they are, and takes the index.
    WHERE NOT s.whole AND r.day = ANY (:cut_days::date[])
    UNION ALL
    SELECT m.label, r.account_id, r.offer_id, r.publisher_id, r.kind, r.outcome, r.reason, r.currency,
        coalesce(r.hits[width_bucket(m.high, r.slots)], 0) - coalesce(r.hits[width_bucket(m.low, r.slots)], 0),
        CASE WHEN r.bots IS NOT NULL
            THEN coalesce(r.bots[width_bucket(m.high, r.slots)], 0) - coalesce(r.bots[width_bucket(m.low, r.slots)], 0) END,
        CASE WHEN r.revenue IS NOT NULL
            THEN coalesce(r.revenue[width_bucket(m.high, r.slots)], 0) - coalesce(r.revenue[width_bucket(m.low, r.slots)], 0) END,
        CASE WHEN r.payout IS NOT NULL
            THEN coalesce(r.payout[width_bucket(m.high, r.slots)], 0) - coalesce(r.payout[width_bucket(m.low, r.slots)], 0) END
    FROM month m
    JOIN rollup_months r USING (month)
    UNION ALL
    -- The sums of whole days of UTC are in an index. day_labels are the labels from the first of whole_days on, one for
    -- each day.
    SELECT (:day_labels::bigint[])[day - (:whole_days::date[])[1] + 1], account_id, offer_id, publisher_id, kind, outcome, reason, currency,
        day_hits, day_bots, day_revenue, day_payout
    FROM rollups
    WHERE day = ANY (:whole_days::date[]) AND grain = :grain::smallint
      AND NOT (:by_month::boolean AND day < (SELECT months_until FROM rollup_state))
    UNION ALL
    SELECT (:labels::bigint[])[width_bucket(minute, :begins::timestamptz[])],
        account_id, offer_id, publisher_id, kind, outcome, reason, currency, hits, bots, revenue, payout
    FROM rollup_minutes
    WHERE minute >= greatest((:begins::timestamptz[])[1], (SELECT folded_until FROM rollup_state)) AND minute < :until::timestamptz
    UNION ALL
    SELECT (:labels::bigint[])[width_bucket(minute, :begins::timestamptz[])],
        account_id, offer_id, publisher_id, kind, outcome, reason, currency, hits, bots, revenue, payout
    FROM rollup_deltas
    WHERE minute >= (:begins::timestamptz[])[1] AND minute < :until::timestamptz
)
SELECT label,
    CASE WHEN :by_account::boolean THEN account_id ELSE 0 END AS account_id,
    CASE WHEN :by_offer::boolean THEN offer_id ELSE 0 END AS offer_id,
    CASE WHEN :by_publisher::boolean THEN publisher_id ELSE 0 END AS publisher_id,
    kind, outcome, CASE WHEN :by_reason::boolean THEN reason ELSE '' END AS reason, currency,
    sum(hits) AS hits, coalesce(sum(bots), 0) AS bots, coalesce(sum(revenue), 0) AS revenue, coalesce(sum(payout), 0) AS payout
FROM summand
WHERE (:account_id::bigint = 0 OR account_id = :account_id::bigint)
  AND (:offer_id::bigint = 0 OR offer_id = :offer_id::bigint)
  AND (:publisher_id::bigint = 0 OR publisher_id = :publisher_id::bigint)
  AND (cardinality(:outcomes::text[]) = 0 OR outcome = ANY (:outcomes::text[]))
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
HAVING sum(hits) <> 0 OR sum(bots) <> 0 OR sum(revenue) <> 0 OR sum(payout) <> 0
