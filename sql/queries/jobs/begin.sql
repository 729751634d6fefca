-- Begins a turn of a job that has not ended. The caller holds the lock of the account's jobs.
UPDATE jobs SET
    state = CASE state WHEN 'waiting' THEN 'running' ELSE state END,
    run = run + 1, started_at = coalesce(started_at, now()), turned_at = now()
WHERE id = :id::bigint AND state IN ('waiting', 'running', 'cancelling')
