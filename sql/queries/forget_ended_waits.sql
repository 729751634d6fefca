-- Forgets waits that ended more than $1 milliseconds ago. What a worker has locked is left for the next time: it locks
-- several in an order of its own, and the two would wait for each other.
DELETE FROM ended_waits WHERE (transaction_id, hit_id) IN (
    SELECT transaction_id, hit_id FROM ended_waits
    WHERE ended_at < now() - $1::bigint * interval '1 millisecond'
    FOR UPDATE SKIP LOCKED
)
