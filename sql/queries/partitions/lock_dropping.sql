-- Takes the lock of dropping days, if it is free, until the session ends.
SELECT pg_try_advisory_lock(hashtext('integr8 dropping days'))
