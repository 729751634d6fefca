-- One page of the jobs of an account (0: of all), the newest first, before the job :before_id (0: from the newest on), in
-- one of :states (none: in any).
\ir rows.sql
WHERE (:account_id::bigint = 0 OR account_id = :account_id::bigint)
  AND (:before_id::bigint = 0 OR id < :before_id::bigint)
  AND (cardinality(:states::text[]) = 0 OR state = ANY (:states::text[]))
ORDER BY id DESC
LIMIT :page::bigint
