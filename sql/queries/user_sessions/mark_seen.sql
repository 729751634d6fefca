-- Writes that a session is used, at most once a minute.
UPDATE user_sessions SET last_seen_at = now()
WHERE id = :id::bigint AND last_seen_at < now() - interval '1 minute'
