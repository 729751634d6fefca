-- The days of hits, the newest first, with the number of pages of each from the server's statistics, which do not cover
-- a new day.
SELECT to_date(right(child.relname, 8), 'YYYYMMDD') AS day, child.relpages AS pages
FROM pg_inherits AS link
JOIN pg_class child ON child.oid = link.inhrelid
WHERE link.inhparent = 'hits'::regclass AND child.relname ~ '_[0-9]{8}$'
ORDER BY day DESC
