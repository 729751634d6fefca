-- All users by name, with the time of the last log-in.
SELECT users.id, users.name, users.role, users.account_id, users.created_at, users.password_set_at, users.disabled_at,
       (SELECT max(user_sessions.created_at) FROM user_sessions WHERE user_id = users.id) AS last_log_in
FROM users
ORDER BY users.name
