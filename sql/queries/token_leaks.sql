-- Tracking links that carried a secure token since $1, at most $2, and how many there are.
SELECT account_id, offer_id, publisher_id, token_id, clicks, first_seen, last_seen, count(*) OVER () AS total
FROM token_leaks
WHERE last_seen >= $1::timestamptz
ORDER BY token_id = 0, last_seen DESC, account_id, offer_id, publisher_id, token_id
LIMIT $2::bigint
