-- Keeps how far a run has come.
UPDATE jobs SET behind = :behind::text, swept = :swept::bigint, result = :result::jsonb, under_way = '[]', failures = 0, problem = ''
WHERE id = :id::bigint AND run = :run::bigint AND state IN ('running', 'cancelling')
