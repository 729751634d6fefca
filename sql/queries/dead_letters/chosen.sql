-- The condition of a filter on dead letters, in which zeros and empty texts exclude nothing. Statements that list or
-- count dead letters include it.
WHERE (cardinality(:ids::uuid[]) = 0 OR id = ANY (:ids::uuid[]))
  AND (cardinality(:statuses::text[]) = 0 OR status = ANY (:statuses::text[]))
  AND (:replayed::text = '' OR status <> 'replayed'
       OR (status_at < now() - make_interval(secs => :silence::double precision)) = (:replayed::text = 'silent'))
  AND (:act::uuid IS NULL
       OR id IN (SELECT letter_id FROM dead_letter_events WHERE act = :act::uuid AND act IS NOT NULL))
  AND (:account_id::bigint = 0 OR account_id = :account_id::bigint)
  AND (:reason::text = '' OR reason = :reason::text)
  AND (:kind::text = '' OR kind = :kind::text)
  AND (:offer_id::bigint = 0 OR offer_id = :offer_id::bigint)
  AND died_at >= coalesce(:since::timestamptz, '-infinity')
  AND died_at <= coalesce(:until::timestamptz, 'infinity')
