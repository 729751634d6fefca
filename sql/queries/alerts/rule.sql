-- A rule of an account (0: any).
SELECT id, account_id, offer_id, each_offer, name, condition, window_minutes, percent, least, status, silenced_until, created_at, judged_until
FROM alert_rules
WHERE id = :id::bigint AND (:account_id::bigint = 0 OR account_id = :account_id::bigint)
