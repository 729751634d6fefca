-- Forgets postbacks that wait no longer: their transaction_ids and their hits.
DELETE FROM waiting_postbacks WHERE transaction_id = ANY ($1::uuid[]) AND hit_id = ANY ($2::uuid[])
