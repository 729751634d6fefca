-- Begins a session of a user, unless he was disabled or his password was changed since it was looked at.
INSERT INTO user_sessions (user_id, digest, address, user_agent, expires_at)
SELECT id, :digest::bytea, :address::text, :user_agent::text, now() + make_interval(secs => :lasts::double precision)
FROM users
WHERE id = :user_id::bigint AND disabled_at IS NULL AND password_set_at = :password_set_at::timestamptz
FOR KEY SHARE
