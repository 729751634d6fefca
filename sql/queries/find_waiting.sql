-- The postbacks that wait for these clicks, as they were received. One look for
-- each that waits, in the partition of its day alone: that is what OFFSET 0 is for.
SELECT w.transaction_id, h.request
FROM (
    SELECT transaction_id, hit_id, account_id FROM waiting_postbacks WHERE transaction_id = ANY ($1::uuid[]) OFFSET 0
) AS w
CROSS JOIN LATERAL (
    SELECT request FROM hits WHERE id = w.hit_id AND account_id = w.account_id OFFSET 0
) AS h
