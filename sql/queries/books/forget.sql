-- Deletes all that is known of a stream.
WITH statements AS (DELETE FROM book_statements WHERE incarnation = :incarnation::bigint AND topic = :topic::text),
    blocks AS (DELETE FROM book_blocks WHERE incarnation = :incarnation::bigint AND topic = :topic::text),
    removed AS (DELETE FROM book_removed WHERE incarnation = :incarnation::bigint AND topic = :topic::text)
DELETE FROM book_streams WHERE incarnation = :incarnation::bigint AND topic = :topic::text
