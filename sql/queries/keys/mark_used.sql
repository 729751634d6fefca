-- Writes that a key is used, at most once a minute.
UPDATE api_keys SET last_used_at = now()
WHERE id = :id::bigint AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
