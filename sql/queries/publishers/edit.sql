-- Changes a publisher. NULL does not change a value.
UPDATE publishers
SET name   = coalesce(:name::text, name),
    status = coalesce(:status::text, status)
WHERE account_id = :account_id::bigint AND id = :id::bigint
RETURNING *
