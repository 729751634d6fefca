-- The version of unique_order_offers.
SELECT version FROM unique_orders_version
