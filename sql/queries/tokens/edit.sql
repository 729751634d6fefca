-- Sets the time until which a token is valid; NULL means for ever.
UPDATE tokens SET valid_until = :valid_until::timestamptz
WHERE account_id = :account_id::bigint AND id = :id::bigint
RETURNING *
