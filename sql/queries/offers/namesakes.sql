-- Other offers of the same account with the name of an offer, ignoring case: at most :most.
SELECT other.id
FROM offers AS own
JOIN offers AS other ON lower(other.name) = lower(own.name)
WHERE own.id = :id::bigint AND other.account_id = own.account_id AND other.id <> own.id
ORDER BY other.id
LIMIT :most::bigint
