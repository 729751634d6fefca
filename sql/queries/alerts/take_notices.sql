-- Takes at most :most notices that are due, those by e-mail only with :mail, and makes each due again :again seconds later.
WITH taken AS (
    UPDATE alert_notices SET due_at = now() + make_interval(secs => :again::double precision)
    WHERE id IN (
        SELECT id FROM alert_notices
        WHERE sent_at IS NULL AND given_up_at IS NULL AND due_at <= now() AND (:mail::boolean OR webhook_id IS NOT NULL)
        ORDER BY due_at LIMIT :most::bigint
        FOR UPDATE SKIP LOCKED)
    RETURNING id, alert_id, event, webhook_id, attempts
)
SELECT t.id AS notice_id, t.event, coalesce(t.webhook_id, 0) AS webhook_id, coalesce(w.url, '') AS url, t.attempts,
    a.id, a.rule_id, a.account_id, a.offer_id, a.reason, r.name, r.condition, a.began_at, a.ended_at, a.text, a.end_text, a.silenced
FROM taken t
JOIN alerts a ON a.id = t.alert_id
JOIN alert_rules r ON r.id = a.rule_id
LEFT JOIN alert_webhooks w ON w.id = t.webhook_id
