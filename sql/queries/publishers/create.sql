-- Adds a publisher. Without such an account it returns no row, and uses up no id.
INSERT INTO publishers (account_id, name)
SELECT id, :name::text FROM accounts WHERE id = :account_id::bigint
FOR KEY SHARE
RETURNING *
