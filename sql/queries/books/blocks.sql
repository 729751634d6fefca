-- The blocks of all streams: runs of complete ones, whose numbers are NULL, and the settled numbers of the others.
SELECT incarnation, topic, block, blocks, NULL::bit(4096) AS numbers FROM book_blocks WHERE numbers IS NULL
UNION ALL
SELECT incarnation, topic, block, 1, bit_or(numbers) FROM book_blocks WHERE numbers IS NOT NULL
GROUP BY incarnation, topic, block
ORDER BY incarnation, topic, block
