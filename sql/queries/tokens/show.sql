-- One token of an account.
SELECT * FROM tokens WHERE account_id = :account_id::bigint AND id = :id::bigint
