-- Takes the lock of an account's jobs, if it is free, until the end of the transaction. The server ends a session that
-- holds it and is silent for :silence, in milliseconds.
SELECT set_config('idle_in_transaction_session_timeout', :silence::text, true) IS NOT NULL
    AND pg_try_advisory_xact_lock(hashtext('integr8 job'), hashint8(:account_id::bigint))
