-- All accounts.
SELECT id, name, coalesce(time_zone, 'UTC') AS time_zone, created_at
FROM accounts LEFT JOIN account_time_zones ON account_id = id
ORDER BY id
