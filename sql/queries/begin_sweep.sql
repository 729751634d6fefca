-- Takes the right to sweep, if nobody has it, until the end of the transaction. The server ends a session that has it
-- and is silent for $1 milliseconds.
SELECT set_config('idle_in_transaction_session_timeout', $1::text, true) IS NOT NULL
    AND pg_try_advisory_xact_lock(hashtext('integr8 sweep'))
