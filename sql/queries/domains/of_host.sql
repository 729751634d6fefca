-- The domain of an account with a host.
SELECT id FROM domains WHERE account_id = :account_id::bigint AND host = :host::text
