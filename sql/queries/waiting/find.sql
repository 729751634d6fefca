-- One page of the postbacks that wait for these clicks, and of those whose wait for them has ended, click by click: for
-- each click those behind the hit :after_hit_id, in all at most :page.
SELECT transaction_id, hit_id, waits_until FROM (
    SELECT transaction_id, hit_id, waits_until FROM waiting_postbacks
    WHERE transaction_id = ANY (:transaction_ids::uuid[]) AND hit_id > :after_hit_id::uuid
    UNION ALL
    SELECT transaction_id, hit_id, ended_at FROM ended_waits
    WHERE transaction_id = ANY (:transaction_ids::uuid[]) AND hit_id > :after_hit_id::uuid
) AS w
ORDER BY transaction_id, hit_id
LIMIT :page::bigint
