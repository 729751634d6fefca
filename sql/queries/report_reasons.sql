-- Hits of a period that came to no good end, by reason, with the newest of each as an example.
SELECT outcome, reason, count(*) AS hits, max(received_at) AS last_seen, CAST(max(CAST(id AS text)) AS uuid) AS example
FROM hits
WHERE id >= CAST(:low AS uuid) AND id < CAST(:high AS uuid)
  AND outcome IN ('rejected', 'unmatched', 'failed')
  AND (CAST(:account_id AS bigint) = 0 OR account_id = CAST(:account_id AS bigint))
  AND (CAST(:offer_id AS bigint) = 0 OR offer_id = CAST(:offer_id AS bigint))
  AND (CAST(:publisher_id AS bigint) = 0 OR publisher_id = CAST(:publisher_id AS bigint))
GROUP BY outcome, reason
ORDER BY hits DESC, outcome, reason
