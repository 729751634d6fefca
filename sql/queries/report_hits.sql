-- Hits received in a period by kind and outcome.
SELECT kind, outcome, count(*) AS hits
FROM hits
WHERE id >= :low AND id < :high
  AND (CAST(:account_id AS bigint) = 0 OR account_id = :account_id)
  AND (CAST(:offer_id AS bigint) = 0 OR offer_id = :offer_id)
  AND (CAST(:publisher_id AS bigint) = 0 OR publisher_id = :publisher_id)
GROUP BY kind, outcome
ORDER BY kind, outcome
