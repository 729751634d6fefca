-- Waiting postbacks that need another look at time $1: their wait is over, or
-- their click has come. At most $2. OFFSET 0 has clicks and hits looked up by id,
-- each in the partition of its day alone, instead of being read as a whole.
SELECT h.request
FROM (
    SELECT transaction_id, hit_id, account_id FROM waiting_postbacks AS w
    WHERE waits_until <= $1::timestamptz
       OR EXISTS (SELECT FROM clicks AS c WHERE c.transaction_id = w.transaction_id OFFSET 0)
    ORDER BY transaction_id, hit_id
    OFFSET 0
) AS w
CROSS JOIN LATERAL (
    SELECT request FROM hits WHERE id = w.hit_id AND account_id = w.account_id OFFSET 0
) AS h
ORDER BY w.transaction_id, w.hit_id
LIMIT $2::bigint
