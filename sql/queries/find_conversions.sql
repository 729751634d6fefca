-- The conversions that stand in the way of new ones: by key, or by id when the
-- same hit is handled again; one that is found by both comes twice. One look for
-- each, through the index of what is looked for, whatever is known of the table's
-- size: that is what OFFSET 0 is for. (UNION would sort, and Postgres 17 reads the
-- whole primary key for that while it thinks the table to be empty.)
SELECT v.id, v.dedup_key, v.route
FROM unnest($1::uuid[]) AS wanted (dedup_key)
CROSS JOIN LATERAL (
    SELECT id, dedup_key, route FROM conversions WHERE dedup_key = wanted.dedup_key OFFSET 0
) AS v
UNION ALL
SELECT v.id, v.dedup_key, v.route
FROM unnest($2::uuid[]) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT id, dedup_key, route FROM conversions WHERE id = wanted.id OFFSET 0
) AS v
