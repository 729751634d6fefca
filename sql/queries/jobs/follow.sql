-- Keeps what became of a job's hits, and when to look again, in :rest_ms. Nobody looks again once the job has ended and
-- all hits are decided, or once those without news for :silence_seconds are silent.
UPDATE jobs SET became = :became::jsonb, follow_at = now() + :rest_ms::bigint * interval '1 millisecond',
    followed = ended_at IS NOT NULL
        AND (coalesce((result->>'replayed')::bigint, 0) <= :hits::bigint OR ended_at < now() - make_interval(secs => :silence_seconds::double precision))
WHERE id = :id::bigint
