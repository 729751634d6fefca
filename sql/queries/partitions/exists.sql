-- Whether a partition exists.
SELECT to_regclass(:name::text) IS NOT NULL
