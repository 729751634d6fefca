-- Deletes attempts that failed more than :kept_seconds ago, at most :most.
DELETE FROM failed_attempts WHERE ctid = ANY (ARRAY (
    SELECT ctid FROM failed_attempts
    WHERE failed_at < now() - make_interval(secs => :kept_seconds::double precision)
    ORDER BY failed_at
    LIMIT :most::bigint
    FOR UPDATE SKIP LOCKED
))
