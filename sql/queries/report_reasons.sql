-- Hits of a period that came to no good end, by reason, with the newest of each as an example.
SELECT outcome, reason, count(*) AS hits, max(received_at) AS last_seen, CAST(max(CAST(id AS text)) AS uuid) AS example
FROM hits
WHERE id >= :low AND id < :high
  AND outcome IN ('rejected', 'unmatched', 'failed')
  AND (CAST(:account_id AS bigint) = 0 OR account_id = :account_id)
  AND (CAST(:offer_id AS bigint) = 0 OR offer_id = :offer_id)
  AND (CAST(:publisher_id AS bigint) = 0 OR publisher_id = :publisher_id)
GROUP BY outcome, reason
ORDER BY hits DESC, outcome, reason
