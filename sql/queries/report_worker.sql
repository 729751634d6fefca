-- Notes that worker $1 reaches the database. Reports that are more than $2 milliseconds apart have a gap between them.
-- Workers that have not reported for a day are forgotten.
WITH forgotten AS (DELETE FROM workers WHERE seen_at < now() - interval '1 day')
INSERT INTO workers (id, seen_at, steady_since) VALUES ($1::uuid, now(), now())
ON CONFLICT (id) DO UPDATE SET
    seen_at = now(),
    steady_since = CASE WHEN workers.seen_at < now() - $2::bigint * interval '1 millisecond'
        THEN now() ELSE workers.steady_since END
