-- Records that worker :id reaches the database. Two reports that are more than :gap_ms apart have a gap between them.
-- Workers that have not reported for a day are deleted.
WITH forgotten AS (DELETE FROM workers WHERE seen_at < now() - interval '1 day')
INSERT INTO workers (id, seen_at, steady_since) VALUES (:id::uuid, now(), now())
ON CONFLICT (id) DO UPDATE SET
    seen_at = now(),
    steady_since = CASE WHEN workers.seen_at < now() - :gap_ms::bigint * interval '1 millisecond'
        THEN now() ELSE workers.steady_since END
