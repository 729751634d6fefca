-- What a sweep must know before it ends waits: the time; when the first wait ends, if any does; and how many workers
-- have reported within $1 milliseconds, and without a gap for $2 milliseconds.
SELECT clock_timestamp() AS now,
    (SELECT min(waits_until) FROM waiting_postbacks) AS first_end,
    (SELECT count(*) FROM workers
     WHERE seen_at >= clock_timestamp() - $1::bigint * interval '1 millisecond'
       AND steady_since <= clock_timestamp() - $2::bigint * interval '1 millisecond') AS steady_workers
