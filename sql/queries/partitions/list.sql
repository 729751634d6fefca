-- The daily partitions of clicks and hits with their day, in order. A partition whose detaching was interrupted is
-- pending; Postgres 13 has no such state. Days that are about to be dropped and are no longer partitions are detached.
SELECT parent.relname AS parent, child.relname AS name, to_date(right(child.relname, 8), 'YYYYMMDD') AS day,
       CASE WHEN coalesce((to_jsonb(link) ->> 'inhdetachpending')::boolean, false) THEN 'pending' ELSE 'attached' END AS state
FROM pg_inherits AS link
JOIN pg_class child ON child.oid = link.inhrelid
JOIN pg_class parent ON parent.oid = link.inhparent
WHERE parent.oid IN ('clicks'::regclass, 'hits'::regclass) AND child.relname ~ '_[0-9]{8}$'
UNION ALL
SELECT gone.parent, child.relname, gone.day, 'detached'
FROM dropped_days AS gone
JOIN pg_class child ON child.oid = to_regclass(gone.parent || to_char(gone.day, '_YYYYMMDD'))
WHERE gone.dropped_at IS NULL AND NOT child.relispartition
ORDER BY day, parent
