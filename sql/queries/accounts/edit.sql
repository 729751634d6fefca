-- Changes an account. NULL does not change a value.
UPDATE accounts
SET name      = coalesce(:name::text, name),
    time_zone = coalesce(:time_zone::text, time_zone)
WHERE id = :id::bigint
RETURNING *
