-- The days that retention has dropped, from $1 up to $2.
SELECT parent, day FROM dropped_days
WHERE day >= $1::date AND day < $2::timestamp AND dropped_at IS NOT NULL
ORDER BY day, parent
