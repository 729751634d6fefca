-- The conversions that conflict with new ones: by key, or by id when the same hit is handled again; one that is found
-- by both is returned twice. OFFSET 0 makes Postgres do one look-up for each, through the index on the key or the id,
-- whatever the statistics of the table say. (UNION would sort, and Postgres 17 reads the whole primary key for that
-- while it believes the table to be empty.)
SELECT v.id, v.dedup_key, v.route
FROM unnest(:dedup_keys::uuid[]) AS wanted (dedup_key)
CROSS JOIN LATERAL (
    SELECT id, dedup_key, route FROM conversions WHERE dedup_key = wanted.dedup_key OFFSET 0
) AS v
UNION ALL
SELECT v.id, v.dedup_key, v.route
FROM unnest(:ids::uuid[]) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT id, dedup_key, route FROM conversions WHERE id = wanted.id OFFSET 0
) AS v
