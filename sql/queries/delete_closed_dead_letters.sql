-- Deletes dead letters that were closed more than $1 seconds ago, at most $2. What somebody works on is left for later.
DELETE FROM dead_letters WHERE id IN (
    SELECT id FROM dead_letters
    WHERE status <> 'open' AND status_at < now() - make_interval(secs => $1::double precision)
    ORDER BY status_at
    LIMIT $2::bigint
    FOR UPDATE SKIP LOCKED
) AND status <> 'open'
