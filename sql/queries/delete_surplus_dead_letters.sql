-- Deletes those of these dead letters ($1) that still are what find_surplus found, and whose hit is locked ($2) or has no row
-- from $3 to before $4 any more.
DELETE FROM dead_letters
WHERE id = ANY ($1::uuid[]) AND status = 'open' AND reason = 'unknown_token' AND surplus
  AND (id = ANY ($2::uuid[]) OR NOT EXISTS (
      SELECT FROM hits
      WHERE hits.id = dead_letters.id AND hits.id >= $3::uuid AND hits.id < $4::uuid AND hits.reason = 'unknown_token'))
RETURNING id
