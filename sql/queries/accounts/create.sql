-- Adds an account.
INSERT INTO accounts (name, time_zone) VALUES (:name::text, :time_zone::text) RETURNING *
