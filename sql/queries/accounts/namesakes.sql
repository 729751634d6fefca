-- Other accounts with the name of an account, ignoring case: at most :most.
SELECT other.id
FROM accounts AS own
JOIN accounts AS other ON lower(other.name) = lower(own.name)
WHERE own.id = :id::bigint AND other.id <> own.id
ORDER BY other.id
LIMIT :most::bigint
