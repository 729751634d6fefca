-- The condition of a filter on hits, in which zeros and empty texts exclude nothing. Without :tests it excludes tests. Statements that list hits include it.
WHERE (cardinality(:ids::uuid[]) = 0 OR id = ANY (:ids::uuid[]))
  AND (:account_id::bigint = 0 OR account_id = :account_id::bigint)
  AND (:offer_id::bigint = 0 OR offer_id = :offer_id::bigint)
  AND (:publisher_id::bigint = 0 OR publisher_id = :publisher_id::bigint)
  AND (:kind::text = '' OR kind = :kind::text)
  AND (:outcome::text = '' OR outcome = :outcome::text)
  AND (:reason::text = '' OR reason = :reason::text)
  AND (:tests::boolean OR NOT test)
