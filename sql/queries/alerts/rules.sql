-- The rules of an account (0: of all).
SELECT id, account_id, offer_id, each_offer, name, condition, window_minutes, percent, least, status, silenced_until, created_at, judged_until
FROM alert_rules
WHERE :account_id::bigint = 0 OR account_id = :account_id::bigint
ORDER BY id
