-- The number of all dead letters, by status and reason.
SELECT status, reason, count(*) AS letters FROM dead_letters GROUP BY status, reason
