-- Remembers postbacks whose wait ended without a click, so that the click still wakes them: transaction_ids, hits.
INSERT INTO ended_waits (transaction_id, hit_id)
SELECT transaction_id, hit_id FROM unnest($1::uuid[], $2::uuid[]) AS row (transaction_id, hit_id)
ORDER BY transaction_id, hit_id
ON CONFLICT (transaction_id, hit_id) DO UPDATE SET ended_at = now()
