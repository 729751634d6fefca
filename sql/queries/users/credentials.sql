-- The user with a name, with the hash of his password.
SELECT users.id, users.name, users.role, users.account_id, users.created_at, users.password_set_at, users.disabled_at, users.password_hash
FROM users
WHERE users.name = :name::text
