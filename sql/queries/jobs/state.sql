-- The state of a job that a run has; no row when another run has taken it.
SELECT state FROM jobs WHERE id = :id::bigint AND run = :run::bigint
