-- Takes the lock of filling the orders of an offer, if it is free, until the end of the transaction; the one that has
-- it gets it again. The server ends a session that holds it and is silent for a minute.
SELECT set_config('idle_in_transaction_session_timeout', '60000', true) IS NOT NULL
    AND pg_try_advisory_xact_lock(hashtext('integr8 unique orders'), hashint8(:offer_id::bigint))
