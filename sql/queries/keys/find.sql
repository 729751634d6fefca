-- The key with a digest, unless it is revoked; unmarked says that its last use was not written within the last minute.
SELECT id, account_id, role, name, prefix, created_at, last_used_at, revoked_at,
       last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS unmarked
FROM api_keys
WHERE digest = :digest::bytea AND revoked_at IS NULL
