-- Changes a user. NULL leaves a value as it is; the account 0 lets him see all. One who is disabled keeps his time.
UPDATE users SET
    role = coalesce(:role::text, role),
    account_id = CASE WHEN :account_id::bigint IS NULL THEN account_id ELSE nullif(:account_id::bigint, 0) END,
    password_hash = coalesce(:password_hash::text, password_hash),
    password_set_at = CASE WHEN :password_hash::text IS NULL THEN password_set_at ELSE now() END,
    disabled_at = CASE WHEN :disabled::boolean IS NULL THEN disabled_at
                       WHEN :disabled::boolean THEN coalesce(disabled_at, now()) END
WHERE name = :name::text
RETURNING users.id, users.name, users.role, users.account_id, users.created_at, users.password_set_at, users.disabled_at
