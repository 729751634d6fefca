-- Makes the transactions that change reference data run one after the other. The server ends a session that holds the
-- lock and is silent for :silence, such as 10s: a command that hangs holds others up for no longer. The change will be in
-- the history, so that it does not change reference_revision.
SELECT pg_advisory_xact_lock(hashtext('integr8 unique reference'::text))
FROM (SELECT set_config('idle_in_transaction_session_timeout', :silence::text, true),
    set_config('integr8.recorded', 'on', true) OFFSET 0) AS settings
