-- How many dead letters there are for each reason, the most frequent first. Zeros and empty texts filter nothing.
SELECT reason, count(*) AS letters, min(died_at) AS oldest, max(died_at) AS newest
FROM dead_letters
WHERE (cardinality(CAST(:ids AS uuid[])) = 0 OR id = ANY (CAST(:ids AS uuid[])))
  AND (CAST(:status AS text) = '' OR status = CAST(:status AS text))
  AND (CAST(:account_id AS bigint) = 0 OR account_id = CAST(:account_id AS bigint))
  AND (CAST(:reason AS text) = '' OR reason = CAST(:reason AS text))
  AND (CAST(:kind AS text) = '' OR kind = CAST(:kind AS text))
  AND (CAST(:offer_id AS bigint) = 0 OR offer_id = CAST(:offer_id AS bigint))
  AND died_at >= coalesce(CAST(:since AS timestamptz), '-infinity')
  AND died_at <= coalesce(CAST(:until AS timestamptz), 'infinity')
GROUP BY reason
ORDER BY letters DESC, reason
