-- Adds a token. The offer 0 means all offers, no generation means an imported token, and an empty purpose means every
-- way in. Without such an account or offer, or when the token exists, it returns no row, and uses up no id.
INSERT INTO tokens (account_id, offer_id, digest, generation, purpose)
SELECT accounts.id, nullif(:offer_id::bigint, 0), :digest::bytea, :generation::bigint, :purpose::text
FROM accounts
WHERE accounts.id = :account_id::bigint
    AND (:offer_id::bigint = 0 OR EXISTS (SELECT FROM offers WHERE offers.account_id = :account_id::bigint AND offers.id = :offer_id::bigint))
    AND NOT EXISTS (SELECT FROM tokens WHERE tokens.digest = :digest::bytea)
FOR KEY SHARE OF accounts
RETURNING *
