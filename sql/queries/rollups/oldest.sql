-- The oldest ids of hits and of conversions, none where there are no rows.
SELECT id FROM (
(SELECT id FROM hits ORDER BY id LIMIT 1) UNION ALL (SELECT id FROM conversions ORDER BY id LIMIT 1)
) AS oldest
