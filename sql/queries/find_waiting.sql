-- The postbacks that wait for these clicks, and those whose wait for them has ended, as they were received. One look for
-- each, in the partition of its day alone: that is what OFFSET 0 is for.
SELECT w.transaction_id, w.hit_id, h.kind, h.request
FROM (
    SELECT transaction_id, hit_id FROM waiting_postbacks WHERE transaction_id = ANY ($1::uuid[])
    UNION ALL
    SELECT transaction_id, hit_id FROM ended_waits WHERE transaction_id = ANY ($1::uuid[])
    OFFSET 0
) AS w
CROSS JOIN LATERAL (
    SELECT kind, request FROM hits
    WHERE id = w.hit_id AND (outcome = 'waiting' OR outcome = 'unmatched')
    OFFSET 0
) AS h
