-- One page of what the history says has changed, after the row :after_id, of the kinds :nouns. No change is of another
-- kind of object than its row says.
SELECT id, account_id, noun, object_id FROM history
WHERE id > :after_id::bigint AND noun = ANY (:nouns::text[])
ORDER BY id
LIMIT :page::bigint
