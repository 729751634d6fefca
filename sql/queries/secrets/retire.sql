-- Retires a service secret.
UPDATE service_secrets SET retired_at = coalesce(retired_at, clock_timestamp())
WHERE fingerprint = :fingerprint::text
RETURNING fingerprint, first_seen, last_seen, signs_since, last_signed, retired_at
