-- The state of an offer with unique orders, and the version as of which it began.
SELECT state, began FROM unique_order_offers WHERE account_id = :account_id::bigint AND offer_id = :offer_id::bigint
