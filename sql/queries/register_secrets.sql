-- A process has the secrets $1, and signs with $2, or with none where that is
-- empty. A retired secret that comes back is in use again.
INSERT INTO service_secrets AS known (fingerprint, signs_since, last_signed)
SELECT own, signing.at, signing.at
FROM unnest($1::text[]) AS own
CROSS JOIN LATERAL (SELECT CASE WHEN own = $2::text THEN clock_timestamp() END AS at) AS signing
ON CONFLICT (fingerprint) DO UPDATE SET
    last_seen = clock_timestamp(),
    signs_since = coalesce(known.signs_since, excluded.signs_since),
    last_signed = coalesce(excluded.last_signed, known.last_signed),
    retired_at = NULL
