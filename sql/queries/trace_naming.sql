-- The hits that named these transaction_ids ($1), with receipts from $2 up to $3.
SELECT id FROM hits
WHERE transaction_id = ANY ($1::uuid[]) AND kind <> 'click' AND id >= $2::uuid AND id < $3::uuid
