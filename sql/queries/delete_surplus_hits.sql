-- Deletes these hits ($1, which lie from $2 to before $3).
DELETE FROM hits WHERE id = ANY ($1::uuid[]) AND id >= $2::uuid AND id < $3::uuid AND reason = 'unknown_token'
