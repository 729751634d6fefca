-- Begins an alert, unless it is on. Returns its id.
INSERT INTO alerts (rule_id, account_id, offer_id, reason, began_at, text, silenced)
SELECT id, account_id, :offer_id::bigint, :reason::text, :began_at::timestamptz, :text::text, :silenced::boolean
FROM alert_rules WHERE id = :rule_id::bigint
ON CONFLICT (rule_id, offer_id, reason) WHERE ended_at IS NULL DO NOTHING
RETURNING id
