-- Adds settled numbers to blocks: one array for each column. Each connection has rows of its own, so that no
-- transaction waits for another.
INSERT INTO book_blocks (incarnation, topic, block, writer, numbers)
SELECT incarnation, topic, block, pg_backend_pid(), numbers::bit(4096)
FROM unnest(:incarnations::bigint[], :topics::text[], :blocks::bigint[], :numbers::varbit[])
    AS row (incarnation, topic, block, numbers)
ORDER BY incarnation, topic, block
ON CONFLICT (incarnation, topic, block, writer) DO UPDATE
SET numbers = book_blocks.numbers | excluded.numbers
