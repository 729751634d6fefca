-- The number of jobs that have not ended, where no process has begun a turn of any job, or ended one, for :silence_seconds;
-- else 0.
SELECT CASE
    WHEN greatest(max(turned_at), min(created_at), (SELECT max(ended_at) FROM jobs WHERE ended_at IS NOT NULL))
        < now() - make_interval(secs => :silence_seconds::double precision) THEN count(*)
    ELSE 0
END
FROM jobs
WHERE state IN ('waiting', 'running', 'cancelling')
