-- Clicks that were refused have no row in clicks, and hits of clicks have no index by transaction_id; but a receipt
-- is made in the same moment as the transaction_id, so that a narrow range of receipts ($2 to $3) holds it.
SELECT id FROM hits
WHERE kind = 'click' AND transaction_id = $1::uuid AND id >= $2::uuid AND id < $3::uuid
