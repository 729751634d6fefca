-- Renames an account.
UPDATE accounts SET name = :name::text WHERE id = :id::bigint RETURNING *
