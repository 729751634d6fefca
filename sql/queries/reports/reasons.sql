-- The newest hits between two ids that were rejected, unmatched or failed, without tests, one of each reason.
SELECT outcome, reason, max(received_at) AS last_seen, max(id::text)::uuid AS example
FROM hits
WHERE id >= :low::uuid AND id < :high::uuid
  AND outcome IN ('rejected', 'unmatched', 'failed') AND NOT test
  AND (:account_id::bigint = 0 OR account_id = :account_id::bigint)
  AND (:offer_id::bigint = 0 OR offer_id = :offer_id::bigint)
  AND (:publisher_id::bigint = 0 OR publisher_id = :publisher_id::bigint)
GROUP BY outcome, reason
