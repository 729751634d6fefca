-- Renames an advertiser.
UPDATE advertisers SET name = :name::text WHERE account_id = :account_id::bigint AND id = :id::bigint RETURNING *
