-- Adds a webhook; the account 0 makes it an operator's. Without such an account it returns no row, and uses up no id.
INSERT INTO alert_webhooks (account_id, url)
SELECT nullif(:account_id::bigint, 0), :url::text
WHERE :account_id::bigint = 0 OR EXISTS (SELECT FROM accounts WHERE accounts.id = :account_id::bigint FOR KEY SHARE)
RETURNING id, account_id, url, created_at, removed_at
