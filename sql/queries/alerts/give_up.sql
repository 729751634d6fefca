-- Gives up the notices for a webhook.
UPDATE alert_notices SET given_up_at = now(), error = 'the webhook was removed'
WHERE webhook_id = :webhook_id::bigint AND sent_at IS NULL AND given_up_at IS NULL
