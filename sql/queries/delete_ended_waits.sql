-- Forgets postbacks that are unmatched no longer: their transaction_ids and their hits.
DELETE FROM ended_waits WHERE transaction_id = ANY ($1::uuid[]) AND hit_id = ANY ($2::uuid[])
