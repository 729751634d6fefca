-- The active rules that were last judged for a window that ended before :end.
SELECT id, account_id, offer_id, each_offer, name, condition, window_minutes, percent, least, status, silenced_until, created_at, judged_until
FROM alert_rules
WHERE status = 'active' AND judged_until < :end::timestamptz
ORDER BY id
