-- The state that a sweep needs before it ends waits: the time; the end of the first wait, if there is one; and the
-- number of workers that have reported within :gap_ms, and without a gap for :steady_ms.
SELECT clock_timestamp() AS now,
    (SELECT min(waits_until) FROM waiting_postbacks) AS first_end,
    (SELECT count(*) FROM workers
     WHERE seen_at >= clock_timestamp() - :gap_ms::bigint * interval '1 millisecond'
       AND steady_since <= clock_timestamp() - :steady_ms::bigint * interval '1 millisecond') AS steady_workers
