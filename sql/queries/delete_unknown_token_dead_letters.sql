-- Deletes open dead letters with an unknown token that died more than $1 seconds ago, at most $2. What somebody works on
-- is left for later.
DELETE FROM dead_letters WHERE id IN (
    SELECT id FROM dead_letters
    WHERE status = 'open' AND reason = 'unknown_token' AND NOT surplus AND died_at < now() - make_interval(secs => $1::double precision)
    ORDER BY died_at
    LIMIT $2::bigint
    FOR UPDATE SKIP LOCKED
) AND status = 'open'
