-- Changes the host of a domain.
UPDATE domains SET host = :host::text WHERE account_id = :account_id::bigint AND id = :id::bigint RETURNING *
