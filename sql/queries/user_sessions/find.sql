-- The user of a session that has neither ended nor been idle for too long; unmarked says that its use was not written
-- within the last minute.
SELECT users.id, users.name, users.role, users.account_id, users.created_at, users.password_set_at, users.disabled_at,
       user_sessions.id AS session_id,
       user_sessions.last_seen_at < now() - interval '1 minute' AS unmarked
FROM user_sessions
JOIN users ON users.id = user_sessions.user_id
WHERE digest = :digest::bytea AND ended_at IS NULL AND expires_at > now()
  AND last_seen_at > now() - make_interval(secs => :idle::double precision) AND disabled_at IS NULL
