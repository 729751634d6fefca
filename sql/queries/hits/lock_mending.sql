-- Takes the lock of mending indexes of integr8 find, if it is free, until the session ends.
SELECT pg_try_advisory_lock(hashtext('integr8 mending indexes'))
