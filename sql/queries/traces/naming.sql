-- The hits with these transaction_ids, with receipts from :first_id to before :end_id.
SELECT id FROM hits
WHERE transaction_id = ANY (:transaction_ids::uuid[]) AND kind <> 'click' AND id >= :first_id::uuid AND id < :end_id::uuid
