-- Records that a process has the secrets :fingerprints, and signs with :signer, or with none when that is empty. A
-- retired secret that is registered again is in use again.
INSERT INTO service_secrets AS known (fingerprint, signs_since, last_signed)
SELECT own, signing.at, signing.at
FROM unnest(:fingerprints::text[]) AS own
CROSS JOIN LATERAL (SELECT CASE WHEN own = :signer::text THEN clock_timestamp() END AS at) AS signing
ON CONFLICT (fingerprint) DO UPDATE SET
    last_seen = clock_timestamp(),
    signs_since = coalesce(known.signs_since, excluded.signs_since),
    last_signed = coalesce(excluded.last_signed, known.last_signed),
    retired_at = NULL
