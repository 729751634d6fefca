-- The tokens of an account (0: of all).
SELECT * FROM tokens WHERE :account_id::bigint = 0 OR account_id = :account_id::bigint ORDER BY id
