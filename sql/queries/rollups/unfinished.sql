-- The days with more than an eighth as many rows of hours and corrections as rows of the whole day, two hours after they
-- have been folded: a report reads one row a key faster than many.
SELECT day FROM (
    SELECT day, count(*) AS parts
    FROM rollups
    WHERE NOT whole AND day < ((SELECT folded_until FROM rollup_state) - interval '2 hours')::date
    GROUP BY day
) AS unfinished
WHERE parts > (SELECT count(*) / 8 FROM rollups WHERE rollups.day = unfinished.day AND whole)
ORDER BY day
