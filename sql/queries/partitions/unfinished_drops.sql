-- The days whose drop began more than :longer_seconds ago and has not ended.
SELECT parent, day FROM dropped_days
WHERE dropped_at IS NULL AND begun_at < now() - :longer_seconds::double precision * interval '1 second'
ORDER BY day, parent
