-- The number of dead letters that a filter selects, by reason, the most frequent first.
SELECT reason, count(*) AS letters, min(died_at) AS oldest, max(died_at) AS newest
FROM dead_letters
\ir chosen.sql
GROUP BY reason
ORDER BY letters DESC, reason
