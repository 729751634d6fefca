-- Hits received in a period by kind and outcome.
SELECT kind, outcome, count(*) AS hits
FROM hits
WHERE id >= CAST(:low AS uuid) AND id < CAST(:high AS uuid)
  AND (CAST(:account_id AS bigint) = 0 OR account_id = CAST(:account_id AS bigint))
  AND (CAST(:offer_id AS bigint) = 0 OR offer_id = CAST(:offer_id AS bigint))
  AND (CAST(:publisher_id AS bigint) = 0 OR publisher_id = CAST(:publisher_id AS bigint))
GROUP BY kind, outcome
ORDER BY kind, outcome
