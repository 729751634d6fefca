-- One page of dead letters, the oldest death first, to replay or discard them. :after_died_at and :after_id are those
-- of the last row of the previous page; NULL for the first page.
\ir rows.sql
  AND (:after_died_at::timestamptz IS NULL OR (died_at, id) > (:after_died_at::timestamptz, :after_id::uuid))
ORDER BY died_at, id
LIMIT :page::bigint
