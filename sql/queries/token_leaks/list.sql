-- Tracking links that contained a secure token since :since, at most :most, and the number of all.
SELECT account_id, offer_id, publisher_id, token_id, clicks, first_seen, last_seen, count(*) OVER () AS total
FROM token_leaks
WHERE last_seen >= :since::timestamptz
ORDER BY token_id = 0, last_seen DESC, account_id, offer_id, publisher_id, token_id
LIMIT :most::bigint
