-- Adds a link that logs in once, for the user with a name, unless he is disabled. Deletes links that were not used.
WITH gone AS (
    DELETE FROM user_links WHERE expires_at < now()
)
INSERT INTO user_links (digest, user_id, expires_at)
SELECT :digest::bytea, id, now() + make_interval(secs => :lasts::double precision)
FROM users
WHERE name = :name::text AND disabled_at IS NULL
