-- At most :page alerts, the latest first, below an id (0: from the latest on). Of an account only notices to its own webhooks
-- and by e-mail count: an operator's webhook, and why it cannot be reached, are none of its business.
SELECT a.id, a.rule_id, a.account_id, a.offer_id, a.reason, r.name, r.condition, a.began_at, a.ended_at, a.text, a.end_text, a.silenced,
    n.notices, n.sent, n.failed, n.last_error
FROM alerts a
JOIN alert_rules r ON r.id = a.rule_id
CROSS JOIN LATERAL (
    SELECT count(*) AS notices, count(notice.sent_at) AS sent, count(notice.given_up_at) AS failed,
        coalesce((array_agg(notice.error ORDER BY notice.id DESC) FILTER (WHERE notice.error <> '' AND notice.sent_at IS NULL))[1], '') AS last_error
    FROM alert_notices AS notice
    LEFT JOIN alert_webhooks AS webhook ON webhook.id = notice.webhook_id
    WHERE notice.alert_id = a.id
      AND (:account_id::bigint = 0 OR notice.webhook_id IS NULL OR webhook.account_id IS NOT NULL)
) AS n
WHERE (:below::bigint = 0 OR a.id < :below::bigint)
  AND (:account_id::bigint = 0 OR a.account_id = :account_id::bigint)
  AND (:rule_id::bigint = 0 OR a.rule_id = :rule_id::bigint)
  AND (NOT :on::boolean OR a.ended_at IS NULL)
ORDER BY a.id DESC
LIMIT :page::bigint
