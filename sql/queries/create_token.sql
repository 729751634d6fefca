-- Adds a token: account, offer (0: all), SHA-256, generation (NULL: imported), purpose (empty: every way in). No row, and no
-- id drawn, where there is no such account or offer, or the token is there already.
INSERT INTO tokens (account_id, offer_id, digest, generation, purpose)
SELECT accounts.id, nullif($2::bigint, 0), $3::bytea, $4::bigint, $5::text
FROM accounts
WHERE accounts.id = $1::bigint
    AND ($2::bigint = 0 OR EXISTS (SELECT FROM offers WHERE offers.account_id = $1::bigint AND offers.id = $2::bigint))
    AND NOT EXISTS (SELECT FROM tokens WHERE tokens.digest = $3::bytea)
FOR KEY SHARE OF accounts
RETURNING *
