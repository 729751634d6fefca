-- Keeps why a job does not go on now. :failures says how many times it has failed by that, one after the other: with :most
-- it ends.
UPDATE jobs SET problem = :problem::text, failures = failures + :failures::integer,
    state = CASE WHEN failures + :failures::integer >= :most::integer THEN 'failed' ELSE state END,
    ended_at = CASE WHEN failures + :failures::integer >= :most::integer THEN now() END
WHERE id = :id::bigint AND run = :run::bigint AND state IN ('running', 'cancelling')
RETURNING state
