-- Deletes jobs that ended more than :kept_seconds ago.
DELETE FROM jobs WHERE ended_at < now() - make_interval(secs => :kept_seconds::double precision)
