-- The number of jobs that have not ended, by state.
SELECT state, count(*) AS jobs FROM jobs WHERE state IN ('waiting', 'running', 'cancelling') GROUP BY state
