-- Keeps the letters whose hits a run is about to publish.
UPDATE jobs SET under_way = :under_way::jsonb
WHERE id = :id::bigint AND run = :run::bigint AND state IN ('running', 'cancelling')
