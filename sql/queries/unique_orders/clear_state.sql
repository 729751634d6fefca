-- Removes the state of an offer whose orders were never unique.
DELETE FROM unique_order_offers WHERE account_id = :account_id::bigint AND offer_id = :offer_id::bigint
