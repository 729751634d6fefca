-- One page of dead letters, the newest death first, for people. Zeros and empty texts filter nothing; after_id and
-- what goes with it is the last row of the page before.
SELECT id, account_id, kind, outcome, reason, error, offer_id, encode(uuid_send(transaction_id), 'hex') AS transaction_id,
       received_at, died_at, deaths, status, status_at, payload
FROM dead_letters
WHERE (cardinality(CAST(:ids AS uuid[])) = 0 OR id = ANY (CAST(:ids AS uuid[])))
  AND (:status = '' OR status = :status)
  AND (CAST(:account_id AS bigint) = 0 OR account_id = :account_id)
  AND (:reason = '' OR reason = :reason)
  AND (:kind = '' OR kind = :kind)
  AND (CAST(:offer_id AS bigint) = 0 OR offer_id = :offer_id)
  AND died_at >= coalesce(CAST(:since AS timestamptz), '-infinity')
  AND died_at <= coalesce(CAST(:until AS timestamptz), 'infinity')
  AND (CAST(:after_died_at AS timestamptz) IS NULL OR (died_at, id, account_id) < (:after_died_at, :after_id, :after_account_id))
ORDER BY died_at DESC, id DESC, account_id DESC
LIMIT :page
