-- The account of an offer.
SELECT account_id FROM offers WHERE id = :id::bigint
