-- A key of an account (0: any, or one of an operator).
SELECT id, account_id, role, name, prefix, created_at, last_used_at, revoked_at
FROM api_keys
WHERE id = :id::bigint AND (:account_id::bigint = 0 OR account_id = :account_id::bigint)
