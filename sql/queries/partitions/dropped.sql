-- The days whose clicks or hits retention has dropped, from :from_day to before :to_time.
SELECT DISTINCT day FROM dropped_days
WHERE day >= :from_day::date AND day < :to_time::timestamp AND dropped_at IS NOT NULL
ORDER BY day
