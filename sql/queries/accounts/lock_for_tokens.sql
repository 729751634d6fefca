-- Locks the row of an account, so that transactions that create its tokens run one after the other.
SELECT id FROM accounts WHERE id = :id::bigint FOR NO KEY UPDATE
