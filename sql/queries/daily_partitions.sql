-- The daily partitions of clicks and hits, without the default ones.
SELECT child.relname FROM pg_inherits
JOIN pg_class child ON child.oid = inhrelid
JOIN pg_class parent ON parent.oid = inhparent
WHERE parent.oid IN ('clicks'::regclass, 'hits'::regclass) AND child.relname ~ '_[0-9]{8}$'
ORDER BY child.relname
