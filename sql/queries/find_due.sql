-- One page of the postbacks whose wait had ended at $1, the longest overdue first: those after the end $2, the
-- transaction_id $3 and the hit $4 of the page before; at most $5.
SELECT transaction_id, hit_id, waits_until
FROM waiting_postbacks
WHERE waits_until <= $1::timestamptz AND waits_until >= $2::timestamptz
  AND (waits_until, transaction_id, hit_id) > ($2::timestamptz, $3::uuid, $4::uuid)
ORDER BY waits_until, transaction_id, hit_id
LIMIT $5::bigint
