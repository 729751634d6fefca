-- What Postgres may lose in a crash: the settings that are off, the tables that are unlogged, and whether the server is
-- marked as one whose data may be lost.
SELECT
    array_remove(ARRAY[
        CASE WHEN current_setting('fsync') = 'off' THEN 'fsync' END,
        CASE WHEN current_setting('synchronous_commit') = 'off' THEN 'synchronous_commit' END,
        CASE WHEN current_setting('full_page_writes') = 'off' THEN 'full_page_writes' END
    ], NULL)::text[] AS settings,
    ARRAY(
        SELECT c.relname::text
        FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND c.relpersistence = 'u'
        ORDER BY c.relname
    ) AS unlogged,
    coalesce(current_setting('integr8.disposable', true) IN ('on', 'true', '1'), false) AS disposable
