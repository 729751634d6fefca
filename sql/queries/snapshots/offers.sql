-- One page of all offers, after the one with :after_account and :after_id.
\ir ../offers/rows.sql
WHERE (account_id, id) > (:after_account::bigint, :after_id::bigint)
ORDER BY account_id, id
LIMIT :page::bigint
