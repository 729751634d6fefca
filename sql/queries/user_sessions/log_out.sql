-- Ends the session with a digest.
UPDATE user_sessions SET ended_at = now() WHERE digest = :digest::bytea AND ended_at IS NULL
