-- The postbacks that wait for these clicks, and those whose wait for them has ended.
SELECT transaction_id, hit_id, waits_until FROM waiting_postbacks WHERE transaction_id = ANY ($1::uuid[])
UNION ALL
SELECT transaction_id, hit_id, ended_at FROM ended_waits WHERE transaction_id = ANY ($1::uuid[])
