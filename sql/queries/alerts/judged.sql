-- Writes that an active rule was judged for a window that ends at :end, unless it was for this one or a later one. Returns
-- whether the rule is silenced.
UPDATE alert_rules SET judged_until = :end::timestamptz
WHERE id = :rule_id::bigint AND status = 'active' AND judged_until < :end::timestamptz
RETURNING coalesce(silenced_until > now(), false) AS silenced
