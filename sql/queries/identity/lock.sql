-- Excludes edits of rules of identity and reads of identity/known_at from each other, until the transaction ends. The
-- server ends a session that holds the lock and is silent for :silence, in milliseconds.
SELECT pg_advisory_xact_lock(hashtext('integr8 identity'::text))
FROM (SELECT set_config('idle_in_transaction_session_timeout', :silence::text, true) OFFSET 0) AS silence
