-- The earliest day of hits; none without any.
SELECT to_date(right(child.relname, 8), 'YYYYMMDD') AS day
FROM pg_inherits AS link
JOIN pg_class child ON child.oid = link.inhrelid
WHERE link.inhparent = 'hits'::regclass AND child.relname ~ '_[0-9]{8}$'
ORDER BY day
LIMIT 1
