-- The webhooks of an account (0: of all, and those of operators).
SELECT id, account_id, url, created_at, removed_at
FROM alert_webhooks
WHERE :account_id::bigint = 0 OR account_id = :account_id::bigint
ORDER BY id
