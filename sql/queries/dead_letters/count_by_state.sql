-- The number of dead letters that a filter selects, by state.
SELECT
\ir state.sql
       AS state, count(*) AS letters
FROM dead_letters
\ir chosen.sql
GROUP BY 1
