-- The account of a publisher.
SELECT account_id FROM publishers WHERE id = :id::bigint
