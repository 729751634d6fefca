-- Deletes the links of the user with a name.
DELETE FROM user_links WHERE user_id = (SELECT id FROM users WHERE name = :name::text)
