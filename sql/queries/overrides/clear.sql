-- Removes a publisher's own terms for an offer.
DELETE FROM offer_overrides
WHERE account_id = :account_id::bigint AND offer_id = :offer_id::bigint AND publisher_id = :publisher_id::bigint
