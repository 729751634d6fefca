-- What was decided about these hits before.
SELECT id, account_id, outcome, reason FROM hits WHERE id = ANY ($1::uuid[])
