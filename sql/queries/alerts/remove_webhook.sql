-- Removes a webhook of an account (0: any). One that is removed keeps its time.
UPDATE alert_webhooks SET removed_at = coalesce(removed_at, now())
WHERE id = :id::bigint AND (:account_id::bigint = 0 OR account_id = :account_id::bigint)
RETURNING id, account_id, url, created_at, removed_at
