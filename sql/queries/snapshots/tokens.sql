-- One page of all tokens, after the one with :after_account and :after_id.
SELECT * FROM tokens
WHERE (account_id, id) > (:after_account::bigint, :after_id::bigint)
ORDER BY account_id, id
LIMIT :page::bigint
