-- Open dead letters with an unknown token that came past the rate and died more than $1 seconds ago, at most $2.
SELECT id FROM dead_letters
WHERE status = 'open' AND reason = 'unknown_token' AND surplus AND died_at < now() - make_interval(secs => $1::double precision)
ORDER BY died_at
LIMIT $2::bigint
