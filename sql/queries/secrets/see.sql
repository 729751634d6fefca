-- secrets/register for secrets that change only in the time of the last registration.
UPDATE service_secrets SET
    last_seen = clock_timestamp(),
    last_signed = CASE WHEN fingerprint = :signer::text THEN clock_timestamp() ELSE last_signed END
WHERE fingerprint = ANY (:fingerprints::text[])
