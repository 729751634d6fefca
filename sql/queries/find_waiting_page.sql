-- One page of the postbacks that wait, in the order of their transaction_ids: those after the transaction_id $1 and the
-- hit $2 of the page before; at most $3.
SELECT transaction_id, hit_id, waits_until
FROM waiting_postbacks
WHERE transaction_id >= $1::uuid AND (transaction_id, hit_id) > ($1::uuid, $2::uuid)
ORDER BY transaction_id, hit_id
LIMIT $3::bigint
