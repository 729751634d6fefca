-- Changes an account. NULL does not change a value.
WITH zone AS (
    INSERT INTO account_time_zones (account_id, time_zone)
    SELECT id, :time_zone::text FROM accounts WHERE id = :id::bigint AND :time_zone::text IS NOT NULL
    ON CONFLICT (account_id) DO UPDATE SET time_zone = excluded.time_zone
    RETURNING time_zone
)
UPDATE accounts SET name = coalesce(:name::text, name)
WHERE id = :id::bigint
RETURNING id, name, coalesce((SELECT time_zone FROM zone), (SELECT time_zone FROM account_time_zones WHERE account_id = :id::bigint), 'UTC') AS time_zone, created_at
