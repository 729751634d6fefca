-- Cancels a job that has not ended: at once where it has not begun, or else at the end of the
-- letters that its process works on.
UPDATE jobs SET
    state = CASE state WHEN 'waiting' THEN 'cancelled' ELSE 'cancelling' END,
    ended_at = CASE state WHEN 'waiting' THEN now() END
WHERE id = :id::bigint AND state IN ('waiting', 'running', 'cancelling')
