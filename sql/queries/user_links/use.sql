-- Uses up a link, and returns its user unless it has expired.
WITH used AS (
    DELETE FROM user_links WHERE digest = :digest::bytea
    RETURNING user_id, expires_at
)
SELECT users.id, users.name, users.role, users.account_id, users.created_at, users.password_set_at, users.disabled_at
FROM used
JOIN users ON users.id = used.user_id
WHERE used.expires_at > now() AND users.disabled_at IS NULL
