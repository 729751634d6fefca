-- The last decision about one hit.
SELECT decided_at, account_id, outcome, reason FROM hits WHERE id = :id::uuid
