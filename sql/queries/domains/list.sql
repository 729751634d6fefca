-- The domains of an account (0: of all).
SELECT * FROM domains WHERE :account_id::bigint = 0 OR account_id = :account_id::bigint ORDER BY id
