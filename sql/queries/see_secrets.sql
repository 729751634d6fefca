-- register_secrets for secrets of which nothing changes but that they were seen.
UPDATE service_secrets SET
    last_seen = clock_timestamp(),
    last_signed = CASE WHEN fingerprint = $2::text THEN clock_timestamp() ELSE last_signed END
WHERE fingerprint = ANY ($1::text[])
