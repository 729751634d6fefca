-- One page of the postbacks whose wait had ended at :at, the longest overdue first: those behind the end, the
-- transaction_id and the hit of the last row of the previous page; at most :page.
SELECT transaction_id, hit_id, waits_until
FROM waiting_postbacks
WHERE waits_until <= :at::timestamptz AND waits_until >= :after_end::timestamptz
  AND (waits_until, transaction_id, hit_id) > (:after_end::timestamptz, :after_transaction_id::uuid, :after_hit_id::uuid)
ORDER BY waits_until, transaction_id, hit_id
LIMIT :page::bigint
