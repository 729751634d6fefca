-- The earliest conversion; none without any.
SELECT id FROM conversions ORDER BY id LIMIT 1
