-- Deletes the waiting rows of postbacks that no longer wait.
DELETE FROM waiting_postbacks WHERE transaction_id = ANY (:transaction_ids::uuid[]) AND hit_id = ANY (:hit_ids::uuid[])
