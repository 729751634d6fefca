-- Closes dead letters whose hits came to another outcome after all.
UPDATE dead_letters SET status = 'resolved', status_at = now()
WHERE id = ANY ($1::uuid[]) AND status IN ('open', 'replayed')
