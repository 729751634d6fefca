-- Ends the alerts of a rule that is no longer looked at.
UPDATE alerts SET ended_at = now(), end_text = 'the rule is ' || :status::text
WHERE rule_id = :rule_id::bigint AND ended_at IS NULL
