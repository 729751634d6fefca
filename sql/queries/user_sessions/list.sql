-- The sessions of the user with a name (empty: of all) that can be used, the newest first.
SELECT user_sessions.id, users.name AS user_name, address, user_agent, user_sessions.created_at, last_seen_at, expires_at
FROM user_sessions
JOIN users ON users.id = user_sessions.user_id
WHERE (:name::text = '' OR users.name = :name::text) AND ended_at IS NULL AND expires_at > now()
  AND last_seen_at > now() - make_interval(secs => :idle::double precision) AND disabled_at IS NULL
ORDER BY user_sessions.id DESC
