-- Waiting postbacks that need another look at time $1: their wait is over, or
-- their click has come. At most $2.
SELECT h.request FROM waiting_postbacks w
JOIN hits h ON h.id = w.hit_id AND h.account_id = w.account_id
WHERE w.waits_until <= $1
   OR EXISTS (SELECT FROM clicks c WHERE c.transaction_id = w.transaction_id)
ORDER BY w.transaction_id, w.hit_id
LIMIT $2
