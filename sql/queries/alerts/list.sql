-- At most :page alerts, the latest first, below an id (0: from the latest on).
SELECT a.id, a.rule_id, a.account_id, a.offer_id, a.reason, r.name, r.condition, a.began_at, a.ended_at, a.text, a.end_text, a.silenced,
    n.notices, n.sent, n.failed, n.last_error
FROM alerts a
JOIN alert_rules r ON r.id = a.rule_id
CROSS JOIN LATERAL (
    SELECT count(*) AS notices, count(sent_at) AS sent, count(given_up_at) AS failed,
        coalesce((array_agg(error ORDER BY id DESC) FILTER (WHERE error <> '' AND sent_at IS NULL))[1], '') AS last_error
    FROM alert_notices WHERE alert_id = a.id
) AS n
WHERE (:below::bigint = 0 OR a.id < :below::bigint)
  AND (:account_id::bigint = 0 OR a.account_id = :account_id::bigint)
  AND (:rule_id::bigint = 0 OR a.rule_id = :rule_id::bigint)
  AND (NOT :on::boolean OR a.ended_at IS NULL)
ORDER BY a.id DESC
LIMIT :page::bigint
