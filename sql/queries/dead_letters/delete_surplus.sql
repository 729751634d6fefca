-- Deletes those of these dead letters (:ids) that are unchanged since dead_letters/find_surplus, and whose hit is
-- locked (:locked_ids) or no longer has a row from :first_id to before :end_id.
DELETE FROM dead_letters
WHERE id = ANY (:ids::uuid[]) AND status = 'open' AND reason = 'unknown_token' AND surplus
  AND (id = ANY (:locked_ids::uuid[]) OR NOT EXISTS (
      SELECT FROM hits
      WHERE hits.id = dead_letters.id AND hits.id >= :first_id::uuid AND hits.id < :end_id::uuid AND hits.reason = 'unknown_token'))
RETURNING id
