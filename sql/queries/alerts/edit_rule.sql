-- Changes a rule of an account (0: any); NULL changes nothing. silence says that silenced_until changes, and NULL ends a silence.
UPDATE alert_rules SET
    status = coalesce(:status::text, status),
    name = coalesce(:name::text, name),
    window_minutes = coalesce(:window_minutes::integer, window_minutes),
    percent = CASE WHEN percent = 0 THEN 0 ELSE coalesce(:percent::integer, percent) END,
    least = coalesce(:least::bigint, least),
    silenced_until = CASE WHEN :silence::boolean THEN :silenced_until::timestamptz ELSE silenced_until END
WHERE id = :id::bigint AND (:account_id::bigint = 0 OR account_id = :account_id::bigint)
RETURNING id, account_id, offer_id, each_offer, name, condition, window_minutes, percent, least, status, silenced_until, created_at, judged_until
