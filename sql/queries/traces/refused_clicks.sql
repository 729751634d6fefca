-- Refused clicks with a transaction_id. They have no row in clicks, and hits of clicks have no index by transaction_id.
-- But a receipt is made at the same time as the transaction_id, so the hit is in a narrow range of receipts, from
-- :first_id to before :end_id.
SELECT id FROM hits
WHERE kind = 'click' AND transaction_id = :transaction_id::uuid AND id >= :first_id::uuid AND id < :end_id::uuid
