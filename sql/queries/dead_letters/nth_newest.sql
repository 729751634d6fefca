-- The time of death of the dead letter behind the newest :most of those that a filter selects; no row when there are no
-- more than that.
SELECT died_at FROM dead_letters
\ir chosen.sql
ORDER BY died_at DESC
OFFSET :most::bigint
LIMIT 1
