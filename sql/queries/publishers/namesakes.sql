-- Other publishers of the same account with the name of a publisher, ignoring case: at most :most.
SELECT other.id
FROM publishers AS own
JOIN publishers AS other ON lower(other.name) = lower(own.name)
WHERE own.id = :id::bigint AND other.account_id = own.account_id AND other.id <> own.id
ORDER BY other.id
LIMIT :most::bigint
