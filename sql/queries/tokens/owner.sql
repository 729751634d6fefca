-- The account of a token.
SELECT account_id FROM tokens WHERE id = :id::bigint
