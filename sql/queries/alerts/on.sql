-- The subjects of a rule whose alerts have not ended.
SELECT offer_id, reason FROM alerts WHERE rule_id = :rule_id::bigint AND ended_at IS NULL
