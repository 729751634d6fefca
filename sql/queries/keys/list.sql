-- The keys of an account (0: of all, and those of operators).
SELECT id, account_id, role, name, prefix, created_at, last_used_at, revoked_at
FROM api_keys
WHERE :account_id::bigint = 0 OR account_id = :account_id::bigint
ORDER BY id
