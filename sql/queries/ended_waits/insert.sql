-- Records postbacks whose wait ended without a click, so that they are decided again when the click is written.
INSERT INTO ended_waits (transaction_id, hit_id)
SELECT transaction_id, hit_id FROM unnest(:transaction_ids::uuid[], :hit_ids::uuid[]) AS row (transaction_id, hit_id)
ORDER BY transaction_id, hit_id
ON CONFLICT (transaction_id, hit_id) DO UPDATE SET ended_at = now()
