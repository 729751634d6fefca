-- The user with a name.
SELECT users.id, users.name, users.role, users.account_id, users.created_at, users.password_set_at, users.disabled_at
FROM users
WHERE users.name = :name::text
