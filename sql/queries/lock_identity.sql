-- Keeps edits of rules of identity apart from those who ask what is known of them (see identity_known_at), until the
-- transaction ends. The server ends a session that has the lock and is silent for $1 milliseconds.
SELECT pg_advisory_xact_lock(hashtext('integr8 identity'::text))
FROM (SELECT set_config('idle_in_transaction_session_timeout', $1::text, true) OFFSET 0) AS silence
