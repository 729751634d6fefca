-- One page of the postbacks that wait for these clicks ($1), and of those whose wait for them has ended, click by click:
-- those after the hit $2 of each, at most $3.
SELECT transaction_id, hit_id, waits_until FROM (
    SELECT transaction_id, hit_id, waits_until FROM waiting_postbacks WHERE transaction_id = ANY ($1::uuid[]) AND hit_id > $2::uuid
    UNION ALL
    SELECT transaction_id, hit_id, ended_at FROM ended_waits WHERE transaction_id = ANY ($1::uuid[]) AND hit_id > $2::uuid
) AS w
ORDER BY transaction_id, hit_id
LIMIT $3::bigint
