-- About how many conversions there are, as of the last ANALYZE of the table.
SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'conversions'::regclass
