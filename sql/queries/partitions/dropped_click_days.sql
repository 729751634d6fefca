-- The days of clicks that retention has dropped, in days since 1970.
SELECT (day - date '1970-01-01')::bigint FROM dropped_days
WHERE parent = 'clicks' AND dropped_at IS NOT NULL
ORDER BY 1
