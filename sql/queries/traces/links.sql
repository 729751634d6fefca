-- The other ids in the row of the hit with this receipt, and in that of the conversion that it made, which outlives it.
SELECT transaction_id, conversion_id, duplicate_of FROM hits WHERE id = :id::uuid
UNION
SELECT transaction_id, id, NULL FROM conversions WHERE id = :id::uuid
UNION
-- A hit that is still being tried has no row.
SELECT transaction_id, NULL, NULL FROM failed_attempts WHERE hit_id = :id::uuid
