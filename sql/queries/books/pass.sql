-- Records that a statement has passed its queue: the numbers up to :up_to are promised, but for the spans in :withdrawn.
-- :cleared says that the receiver's spool was empty. A statement may come twice, or after a later one.
WITH stated AS (
    INSERT INTO book_statements (incarnation, topic, up_to, withdrawn, sent_at, passed_at, cleared_at)
    VALUES (:incarnation::bigint, :topic::text, :up_to::bigint, :withdrawn::bigint[], :sent_at::timestamptz, now(),
        CASE WHEN :cleared::boolean THEN now() END)
    ON CONFLICT (incarnation, topic, up_to) DO UPDATE
    SET cleared_at = coalesce(book_statements.cleared_at, excluded.cleared_at)
)
INSERT INTO book_streams (incarnation, topic, home, began_at, passed_to, passed_sent_at, passed_at)
VALUES (:incarnation::bigint, :topic::text, :home::uuid, :began_at::timestamptz, :passed_to::bigint, :passed_sent_at::timestamptz, now())
ON CONFLICT (incarnation, topic) DO UPDATE
SET passed_to = greatest(book_streams.passed_to, excluded.passed_to),
    passed_sent_at = greatest(book_streams.passed_sent_at, excluded.passed_sent_at),
    passed_at = excluded.passed_at
