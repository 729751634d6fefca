-- Deletes statements that passed more than :kept_seconds ago and withdrew nothing, but for the last of each hour and for
-- those about blocks that are not complete. What they said, a later one says too; only the second in which they said it
-- is lost. Blocks have 4096 numbers.
DELETE FROM book_statements AS old
WHERE withdrawn = '{}' AND passed_at < now() - make_interval(secs => :kept_seconds::double precision)
    AND EXISTS (SELECT FROM book_statements AS later
        WHERE later.incarnation = old.incarnation AND later.topic = old.topic AND later.up_to > old.up_to
            AND date_trunc('hour', later.sent_at) = date_trunc('hour', old.sent_at))
    AND EXISTS (SELECT FROM book_blocks AS run
        WHERE run.incarnation = old.incarnation AND run.topic = old.topic AND run.numbers IS NULL
            AND run.block <= (old.up_to - 1) / 4096 AND run.block + run.blocks > (old.up_to - 1) / 4096)
