-- Deletes a user's sessions that expired a while ago.
DELETE FROM user_sessions WHERE user_id = :user_id::bigint AND expires_at < now() - interval '30 days'
