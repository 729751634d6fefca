-- One account.
SELECT * FROM accounts WHERE id = :id::bigint
