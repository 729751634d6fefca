-- Ends a job in a state.
UPDATE jobs SET state = :state::text, problem = '', ended_at = now(), follow_at = now()
WHERE id = :id::bigint AND run = :run::bigint AND state IN ('running', 'cancelling')
