-- Takes the rows of a stream from block :from_block to :to_block, which a run is to replace. It skips rows that are
-- locked: a worker never waits for it.
DELETE FROM book_blocks
WHERE (incarnation, topic, block, writer) IN (
    SELECT incarnation, topic, block, writer FROM book_blocks
    WHERE incarnation = :incarnation::bigint AND topic = :topic::text AND block BETWEEN :from_block::bigint AND :to_block::bigint
    FOR UPDATE SKIP LOCKED)
