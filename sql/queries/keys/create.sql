-- Adds a key; the account 0 makes it an operator's. Without such an account it returns no row, and uses up no id.
INSERT INTO api_keys (account_id, role, name, prefix, digest)
SELECT nullif(:account_id::bigint, 0), :role::text, :name::text, :prefix::text, :digest::bytea
WHERE :account_id::bigint = 0 OR EXISTS (SELECT FROM accounts WHERE accounts.id = :account_id::bigint FOR KEY SHARE)
RETURNING id, account_id, role, name, prefix, created_at, last_used_at, revoked_at
