-- The hits of an account (0: of all) by minute and outcome, from :since on. Minutes are kept for two days.
SELECT minute, outcome, sum(hits)::bigint AS hits
FROM (
    SELECT minute, outcome, hits FROM rollup_minutes
    WHERE minute >= :since::timestamptz AND (:account_id::bigint = 0 OR account_id = :account_id::bigint)
    UNION ALL
    SELECT minute, outcome, hits FROM rollup_deltas
    WHERE minute >= :since::timestamptz AND (:account_id::bigint = 0 OR account_id = :account_id::bigint)
) AS both_tables
GROUP BY minute, outcome
HAVING sum(hits) <> 0
ORDER BY minute
