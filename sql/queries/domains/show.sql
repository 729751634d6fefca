-- One domain of an account.
SELECT * FROM domains WHERE account_id = :account_id::bigint AND id = :id::bigint
