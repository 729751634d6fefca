-- The orders of an offer's conversions ($1 account, $2 offer) with ids after $3 up to $4, the oldest first.
SELECT id, order_id FROM conversions
WHERE id > $3::uuid AND id <= $4::uuid AND account_id = $1::bigint AND offer_id = $2::bigint AND order_id IS NOT NULL
ORDER BY id
