-- Writes that a notice has arrived.
UPDATE alert_notices SET sent_at = now(), attempts = attempts + 1, error = '' WHERE id = :id::bigint AND given_up_at IS NULL
