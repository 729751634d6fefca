-- Has conversions ($2) take orders ($1, in ascending order), and returns which of the orders were free.
INSERT INTO unique_orders (key, conversion_id)
SELECT unnest($1::uuid[]), unnest($2::uuid[])
ON CONFLICT (key) DO NOTHING
RETURNING key
