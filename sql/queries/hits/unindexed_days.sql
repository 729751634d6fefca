-- The statements that make the missing indexes of integr8 find: of the days of hits ahead, which are as good as empty;
-- with :begun also of yesterday and today, CONCURRENTLY.
SELECT missing FROM (
    SELECT find_index(child.relname, CASE WHEN day.at > current_date THEN '' ELSE 'CONCURRENTLY' END || ' IF NOT EXISTS') AS missing
    FROM pg_inherits AS link
    JOIN pg_class child ON child.oid = link.inhrelid
    CROSS JOIN LATERAL (SELECT to_date(right(child.relname, 8), 'YYYYMMDD') AS at) AS day
    WHERE link.inhparent = 'hits'::regclass AND child.relname ~ '_[0-9]{8}$'
      AND day.at > current_date - CASE WHEN :begun::boolean THEN 2 ELSE 0 END
      AND to_regclass(child.relname || '_find') IS NULL
    ORDER BY child.relname
) AS days
WHERE missing IS NOT NULL
