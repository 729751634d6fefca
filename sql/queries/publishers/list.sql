-- The publishers of an account (0: of all).
SELECT * FROM publishers WHERE :account_id::bigint = 0 OR account_id = :account_id::bigint ORDER BY id
