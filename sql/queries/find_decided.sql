-- What was decided about these hits before. The rows are locked, in order, so
-- that two who decide the same hit anew do so one after the other.
SELECT id, account_id, outcome, reason FROM hits WHERE id = ANY ($1::uuid[])
ORDER BY id, account_id
FOR UPDATE
