-- How many dead letters there are for each reason, the most frequent first. Zeros and empty texts filter nothing.
SELECT reason, count(*) AS letters, min(died_at) AS oldest, max(died_at) AS newest
FROM dead_letters
WHERE (cardinality(CAST(:ids AS uuid[])) = 0 OR id = ANY (CAST(:ids AS uuid[])))
  AND (cardinality(CAST(:statuses AS text[])) = 0 OR status = ANY (CAST(:statuses AS text[])))
  AND (CAST(:replayed AS text) = '' OR status <> 'replayed'
       OR (status_at < now() - make_interval(secs => CAST(:silence AS double precision))) = (CAST(:replayed AS text) = 'silent'))
  AND (CAST(:act AS uuid) IS NULL
       OR id IN (SELECT letter_id FROM dead_letter_events WHERE act = CAST(:act AS uuid) AND act IS NOT NULL))
  AND (CAST(:account_id AS bigint) = 0 OR account_id = CAST(:account_id AS bigint))
  AND (CAST(:reason AS text) = '' OR reason = CAST(:reason AS text))
  AND (CAST(:kind AS text) = '' OR kind = CAST(:kind AS text))
  AND (CAST(:offer_id AS bigint) = 0 OR offer_id = CAST(:offer_id AS bigint))
  AND died_at >= coalesce(CAST(:since AS timestamptz), '-infinity')
  AND died_at <= coalesce(CAST(:until AS timestamptz), 'infinity')
GROUP BY reason
ORDER BY letters DESC, reason
