-- Adds a token: account, offer (0: all), SHA-256, generation (NULL: imported).
INSERT INTO tokens (account_id, offer_id, digest, generation)
VALUES ($1::bigint, nullif($2::bigint, 0), $3::bytea, $4::bigint)
RETURNING *
