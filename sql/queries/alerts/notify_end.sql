-- Writes the notices that an alert ended, for whom there is one that it began.
INSERT INTO alert_notices (alert_id, event, webhook_id)
SELECT n.alert_id, 'alert.ended', n.webhook_id
FROM alert_notices n
LEFT JOIN alert_webhooks w ON w.id = n.webhook_id
WHERE n.alert_id = :alert_id::bigint AND n.event = 'alert.began' AND w.removed_at IS NULL
