-- A webhook of an account (0: any).
SELECT id, account_id, url, created_at, removed_at
FROM alert_webhooks
WHERE id = :id::bigint AND (:account_id::bigint = 0 OR account_id = :account_id::bigint)
