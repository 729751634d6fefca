-- One page of dead letters, the oldest death first, for replay and discard. Zeros and empty texts filter nothing;
-- after_id and what goes with it is the last row of the page before.
SELECT id, account_id, kind, outcome, reason, error, offer_id, encode(uuid_send(transaction_id), 'hex') AS transaction_id,
       received_at, died_at, deaths, status, status_at, payload, surplus
FROM dead_letters
WHERE (cardinality(CAST(:ids AS uuid[])) = 0 OR id = ANY (CAST(:ids AS uuid[])))
  AND (CAST(:status AS text) = '' OR status = CAST(:status AS text))
  AND (CAST(:account_id AS bigint) = 0 OR account_id = CAST(:account_id AS bigint))
  AND (CAST(:reason AS text) = '' OR reason = CAST(:reason AS text))
  AND (CAST(:kind AS text) = '' OR kind = CAST(:kind AS text))
  AND (CAST(:offer_id AS bigint) = 0 OR offer_id = CAST(:offer_id AS bigint))
  AND died_at >= coalesce(CAST(:since AS timestamptz), '-infinity')
  AND died_at <= coalesce(CAST(:until AS timestamptz), 'infinity')
  AND (CAST(:after_died_at AS timestamptz) IS NULL
       OR (died_at, id) > (CAST(:after_died_at AS timestamptz), CAST(:after_id AS uuid)))
ORDER BY died_at, id
LIMIT CAST(:page AS bigint)
