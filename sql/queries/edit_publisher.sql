-- Changes a publisher: account, id, then the new values, NULL for those that stay.
UPDATE publishers
SET name   = coalesce($3, name),
    status = coalesce($4, status)
WHERE account_id = $1 AND id = $2
RETURNING *
