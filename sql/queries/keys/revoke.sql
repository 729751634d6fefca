-- Revokes a key of an account (0: of any, or of an operator). One that is revoked keeps its time.
UPDATE api_keys SET revoked_at = coalesce(revoked_at, now())
WHERE id = :id::bigint AND (:account_id::bigint = 0 OR account_id = :account_id::bigint)
RETURNING id, account_id, role, name, prefix, created_at, last_used_at, revoked_at
