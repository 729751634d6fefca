-- Whether the user with a name has logged in from an address.
SELECT EXISTS (
    SELECT FROM user_sessions
    WHERE user_id = (SELECT id FROM users WHERE name = :name::text) AND address = :address::text
)
