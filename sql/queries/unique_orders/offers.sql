-- The offers whose conversions take their orders, with the time until which a taken order makes a duplicate, as of a
-- version. Without such offers it returns one row, with the version only.
SELECT v.version, o.offer_id, o.state, o.ended_at
FROM unique_orders_version AS v
LEFT JOIN unique_order_offers AS o ON true
