-- Ends an alert. Returns its id.
UPDATE alerts SET ended_at = :at::timestamptz, end_text = :text::text
WHERE rule_id = :rule_id::bigint AND offer_id = :offer_id::bigint AND reason = :reason::text AND ended_at IS NULL
RETURNING id
