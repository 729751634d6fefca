-- Adds the numbers of settled hits whose rows are deleted: one array for each column.
INSERT INTO book_removed (incarnation, topic, block, numbers)
SELECT incarnation, topic, block, numbers::bit(4096)
FROM unnest(:incarnations::bigint[], :topics::text[], :blocks::bigint[], :numbers::varbit[])
    AS row (incarnation, topic, block, numbers)
ORDER BY incarnation, topic, block
ON CONFLICT (incarnation, topic, block) DO UPDATE
SET numbers = book_removed.numbers | excluded.numbers
