-- The conversions that have taken these orders: one look-up for each, as in conversions/find.
SELECT v.key, v.conversion_id
FROM unnest(:keys::uuid[]) AS wanted (key)
CROSS JOIN LATERAL (
    SELECT key, conversion_id FROM unique_orders WHERE key = wanted.key OFFSET 0
) AS v
