-- The account of a domain.
SELECT account_id FROM domains WHERE id = :id::bigint
