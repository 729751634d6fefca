-- The advertisers of an account (0: of all).
SELECT * FROM advertisers WHERE :account_id::bigint = 0 OR account_id = :account_id::bigint ORDER BY id
