-- Deletes waits that ended more than :age_ms ago. Rows that a worker has locked are left for the next time: a worker
-- locks several rows in another order, so that waiting for them could deadlock.
DELETE FROM ended_waits WHERE (transaction_id, hit_id) IN (
    SELECT transaction_id, hit_id FROM ended_waits
    WHERE ended_at < now() - :age_ms::bigint * interval '1 millisecond'
    FOR UPDATE SKIP LOCKED
)
