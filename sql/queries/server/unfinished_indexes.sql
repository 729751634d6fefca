-- Indexes that were being built CONCURRENTLY and not finished, so that no statement uses them. Those that an earlier
-- attempt to rebuild an index left over come first.
SELECT format('%I.%I', schema.nspname, class.relname) AS name, class.relname ~ '_cc(new|old)[0-9]*$' AS left_over
FROM pg_index AS index
JOIN pg_class AS class ON class.oid = index.indexrelid
JOIN pg_namespace AS schema ON schema.oid = class.relnamespace
WHERE NOT index.indisvalid AND class.relkind = 'i' AND schema.nspname = current_schema()
  AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index AS building WHERE building.index_relid = index.indexrelid)
ORDER BY left_over DESC, class.relname
