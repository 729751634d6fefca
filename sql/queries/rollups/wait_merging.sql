-- Takes the lock of those that merge roll-ups, until the transaction ends, and waits for it.
SELECT pg_advisory_xact_lock(hashtext('integr8 rollups merge'))
