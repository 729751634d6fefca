-- Adds a user; the account 0 lets him see all. Returns no row, and uses up no id, when the name is taken or there is no
-- such account.
INSERT INTO users (name, role, account_id, password_hash)
SELECT :name::text, :role::text, nullif(:account_id::bigint, 0), :password_hash::text
WHERE NOT EXISTS (SELECT FROM users WHERE name = :name::text)
  AND (:account_id::bigint = 0 OR EXISTS (SELECT FROM accounts WHERE accounts.id = :account_id::bigint FOR KEY SHARE))
RETURNING users.id, users.name, users.role, users.account_id, users.created_at, users.password_set_at, users.disabled_at
