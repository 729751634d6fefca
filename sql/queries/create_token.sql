-- Adds a token: account, offer (0: all), SHA-256, generation (NULL: imported), purpose (empty: every way in).
INSERT INTO tokens (account_id, offer_id, digest, generation, purpose)
VALUES ($1::bigint, nullif($2::bigint, 0), $3::bytea, $4::bigint, $5::text)
RETURNING *
