-- One page of all waiting postbacks, in the order of their transaction_ids: those behind the transaction_id and the hit
-- of the last row of the previous page; at most :page.
SELECT transaction_id, hit_id, waits_until
FROM waiting_postbacks
WHERE transaction_id >= :after_transaction_id::uuid AND (transaction_id, hit_id) > (:after_transaction_id::uuid, :after_hit_id::uuid)
ORDER BY transaction_id, hit_id
LIMIT :page::bigint
