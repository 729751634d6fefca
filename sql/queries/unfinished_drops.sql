-- The days that have been about to be dropped for more than $1 seconds.
SELECT parent, day FROM dropped_days
WHERE dropped_at IS NULL AND begun_at < now() - $1::double precision * interval '1 second'
ORDER BY day, parent
