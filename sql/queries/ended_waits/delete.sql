-- Deletes the ended waits of postbacks that are no longer unmatched.
DELETE FROM ended_waits WHERE transaction_id = ANY (:transaction_ids::uuid[]) AND hit_id = ANY (:hit_ids::uuid[])
