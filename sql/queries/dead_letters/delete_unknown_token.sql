-- Deletes open dead letters with an unknown token that died more than :kept_seconds ago, at most :most. It skips locked
-- rows.
DELETE FROM dead_letters WHERE id IN (
    SELECT id FROM dead_letters
    WHERE status = 'open' AND reason = 'unknown_token' AND NOT surplus
        AND died_at < now() - make_interval(secs => :kept_seconds::double precision)
    ORDER BY died_at
    LIMIT :most::bigint
    FOR UPDATE SKIP LOCKED
) AND status = 'open'
