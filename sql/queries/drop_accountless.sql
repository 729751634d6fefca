-- Removes the rows of hits that were decided while their account was not
-- known, now that it is: the hit's row stands under the account.
WITH dropped AS (DELETE FROM dead_letters WHERE account_id = 0 AND id = ANY ($1::uuid[]))
DELETE FROM hits WHERE account_id = 0 AND id = ANY ($1::uuid[])
