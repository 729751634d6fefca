-- Records a run of :blocks blocks from :block, in which every promised number is settled.
INSERT INTO book_blocks (incarnation, topic, block, writer, blocks)
VALUES (:incarnation::bigint, :topic::text, :block::bigint, 0, :blocks::integer)
ON CONFLICT (incarnation, topic, block, writer) DO UPDATE SET blocks = greatest(book_blocks.blocks, excluded.blocks)
