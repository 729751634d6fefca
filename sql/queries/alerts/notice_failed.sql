-- Writes why a notice did not arrive, and when it is due again; with NULL it is given up.
UPDATE alert_notices SET attempts = attempts + 1, error = left(:error::text, 500),
    due_at = coalesce(:again::timestamptz, due_at),
    given_up_at = CASE WHEN :again::timestamptz IS NULL THEN now() END
WHERE id = :id::bigint AND sent_at IS NULL AND given_up_at IS NULL
