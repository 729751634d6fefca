-- The conversions that have these orders: one look for each, as in find_conversions.
SELECT v.key, v.conversion_id
FROM unnest($1::uuid[]) AS wanted (key)
CROSS JOIN LATERAL (
    SELECT key, conversion_id FROM unique_orders WHERE key = wanted.key OFFSET 0
) AS v
