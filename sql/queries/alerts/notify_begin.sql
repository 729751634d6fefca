-- Writes the notices that an alert began: for each webhook of its account and of operators, and with :mail for e-mail.
INSERT INTO alert_notices (alert_id, event, webhook_id)
SELECT :alert_id::bigint, 'alert.began', w.id
FROM alert_webhooks w
JOIN alerts a ON a.id = :alert_id::bigint AND (w.account_id = a.account_id OR w.account_id IS NULL)
WHERE w.removed_at IS NULL
UNION ALL
SELECT :alert_id::bigint, 'alert.began', NULL WHERE :mail::boolean
