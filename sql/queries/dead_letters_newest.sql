-- One page of dead letters, the newest death first, for people. Zeros and empty texts filter nothing; after_id and
-- what goes with it is the last row of the page before.
SELECT id, account_id, kind, outcome, reason, error, offer_id, encode(uuid_send(transaction_id), 'hex') AS transaction_id,
       received_at, died_at, deaths, status, status_at, payload, surplus,
       CASE WHEN status <> 'replayed' THEN status
            WHEN status_at < now() - make_interval(secs => CAST(:silence AS double precision)) THEN 'silent'
            ELSE 'on_the_way' END AS state,
       coalesce((SELECT max(told.id) FROM dead_letter_events told WHERE told.letter_id = dead_letters.id), 0) AS last_event
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
  AND (CAST(:after_died_at AS timestamptz) IS NULL
       OR (died_at, id) < (CAST(:after_died_at AS timestamptz), CAST(:after_id AS uuid)))
ORDER BY died_at DESC, id DESC
LIMIT CAST(:page AS bigint)
