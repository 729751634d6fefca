-- Makes conversions take orders, whose keys are in ascending order, and returns the orders that were free.
INSERT INTO unique_orders (key, conversion_id)
SELECT unnest(:keys::uuid[]), unnest(:conversion_ids::uuid[])
ON CONFLICT (key) DO NOTHING
RETURNING key
