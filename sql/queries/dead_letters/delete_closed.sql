-- Deletes dead letters that were closed more than :kept_seconds ago, at most :most. It skips locked rows.
DELETE FROM dead_letters WHERE id IN (
    SELECT id FROM dead_letters
    WHERE status <> 'open' AND status_at < now() - make_interval(secs => :kept_seconds::double precision)
    ORDER BY status_at
    LIMIT :most::bigint
    FOR UPDATE SKIP LOCKED
) AND status <> 'open'
