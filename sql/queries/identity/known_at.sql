-- A time of the database's clock. An edit of rules of identity that a statement after this one does not see takes its
-- lock, and reads the clock, after that time. NULL on a standby, where edits arrive late.
SELECT CASE WHEN NOT pg_is_in_recovery() THEN clock_timestamp() END
FROM (SELECT pg_advisory_xact_lock_shared(hashtext('integr8 identity'::text)) OFFSET 0) AS no_edit_under_way
