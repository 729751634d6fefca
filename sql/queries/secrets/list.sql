-- The service secrets: the newest signer first, then those that only verify.
SELECT fingerprint, first_seen, last_seen, signs_since, last_signed, retired_at
FROM service_secrets
ORDER BY signs_since DESC NULLS LAST, first_seen DESC
