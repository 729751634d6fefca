-- The indexes of integr8 find, with the days that they are of and the pages of those: of all days, or with NOT :all of
-- yesterday and later.
SELECT child.relname AS day, child.relname || '_find' AS index, pg_relation_size(child.oid) / current_setting('block_size')::bigint AS pages
FROM pg_inherits AS link
JOIN pg_class child ON child.oid = link.inhrelid
WHERE link.inhparent = 'hits'::regclass AND child.relname ~ '_[0-9]{8}$'
  AND (:all::boolean OR to_date(right(child.relname, 8), 'YYYYMMDD') >= current_date - 1)
  AND to_regclass(child.relname || '_find') IS NOT NULL
ORDER BY child.relname DESC
