-- Changes a publisher: account, id, then the new values, NULL for those that stay.
UPDATE publishers
SET name   = coalesce($3::text, name),
    status = coalesce($4::text, status)
WHERE account_id = $1::bigint AND id = $2::bigint
RETURNING *
