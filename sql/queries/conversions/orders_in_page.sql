-- The orders of an offer's conversions, without tests, with ids after :after_id up to :end_id, the oldest first.
SELECT id, order_id FROM conversions
WHERE id > :after_id::uuid AND id <= :end_id::uuid
    AND account_id = :account_id::bigint AND offer_id = :offer_id::bigint AND order_id IS NOT NULL AND NOT test
ORDER BY id
