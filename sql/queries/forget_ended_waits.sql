-- Forgets waits that ended more than $1 milliseconds ago.
DELETE FROM ended_waits WHERE ended_at < now() - $1::bigint * interval '1 millisecond'
