-- The number of jobs of an account that have not ended.
SELECT count(*) FROM jobs WHERE account_id = :account_id::bigint AND state IN ('waiting', 'running', 'cancelling')
