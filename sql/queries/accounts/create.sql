-- Adds an account.
WITH account AS (
    INSERT INTO accounts (name) VALUES (:name::text) RETURNING id, name, created_at
), zone AS (
    INSERT INTO account_time_zones (account_id, time_zone) SELECT id, :time_zone::text FROM account
)
SELECT id, name, :time_zone::text AS time_zone, created_at FROM account
