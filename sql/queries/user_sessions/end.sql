-- Ends a session (0: all that there are) of the user with a name. Returns how many it ended.
WITH ended AS (
    UPDATE user_sessions SET ended_at = now()
    WHERE user_id = (SELECT id FROM users WHERE name = :name::text)
      AND (:id::bigint = 0 OR id = :id::bigint) AND ended_at IS NULL
    RETURNING 1
)
SELECT count(*) FROM ended
