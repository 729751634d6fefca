-- Locks the rows of these hits, whose ids are from :first_id to before :end_id, as a transaction that decides them
-- does. It skips hits that are being decided.
SELECT id FROM hits
WHERE id = ANY (:ids::uuid[]) AND id >= :first_id::uuid AND id < :end_id::uuid AND reason = 'unknown_token'
ORDER BY id
FOR UPDATE SKIP LOCKED
