-- One publisher of an account.
SELECT * FROM publishers WHERE account_id = :account_id::bigint AND id = :id::bigint
