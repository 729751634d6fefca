-- Locks the rows of these hits ($1, which lie from $2 to before $3), as a transaction does that decides them. Those that are
-- being decided are left out.
SELECT id FROM hits
WHERE id = ANY ($1::uuid[]) AND id >= $2::uuid AND id < $3::uuid AND reason = 'unknown_token'
ORDER BY id
FOR UPDATE SKIP LOCKED
