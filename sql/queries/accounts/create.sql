-- Adds an account.
INSERT INTO accounts (name) VALUES (:name::text) RETURNING *
