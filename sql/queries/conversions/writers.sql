-- The transactions that have begun to write conversions and have not ended.
SELECT DISTINCT virtualtransaction
FROM pg_locks
WHERE locktype = 'relation' AND relation = 'conversions'::regclass AND mode = 'RowExclusiveLock' AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
