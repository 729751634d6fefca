-- The first job of each account that has not ended: that which had its turn the longest ago comes first.
SELECT id, account_id
FROM (
    SELECT DISTINCT ON (account_id) id, account_id, turned_at
    FROM jobs
    WHERE state IN ('waiting', 'running', 'cancelling')
    ORDER BY account_id, id
) AS first
ORDER BY turned_at NULLS FIRST, id
