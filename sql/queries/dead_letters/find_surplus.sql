-- Open dead letters with an unknown token above the rate of such hits that died more than :kept_seconds ago, at most
-- :most.
SELECT id FROM dead_letters
WHERE status = 'open' AND reason = 'unknown_token' AND surplus
    AND died_at < now() - make_interval(secs => :kept_seconds::double precision)
ORDER BY died_at
LIMIT :most::bigint
