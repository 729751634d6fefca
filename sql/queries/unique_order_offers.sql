-- The offers whose conversions take their orders, and until when an order that is taken makes a duplicate, as of a version.
-- Without such offers one row, of the version alone.
SELECT v.version, o.offer_id, o.state, o.ended_at
FROM unique_orders_version AS v
LEFT JOIN unique_order_offers AS o ON true
