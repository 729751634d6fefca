-- The months with so many rows of days and corrections that a report reads one row a key faster. To sum a month up costs as
-- much as its days, so it goes on for several days before that is done.
SELECT month FROM (
    SELECT month, count(*) AS parts FROM rollup_months WHERE NOT whole GROUP BY month
) AS unfinished
CROSS JOIN LATERAL (
    SELECT count(*) AS wholes FROM rollup_months WHERE rollup_months.month = unfinished.month AND whole
) AS finished
WHERE parts > CASE WHEN month + interval '1 month' <= (SELECT months_until FROM rollup_state) THEN wholes / 8 ELSE wholes * 4 END
ORDER BY month
