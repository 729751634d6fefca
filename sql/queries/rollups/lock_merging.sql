-- Takes the lock of those that merge roll-ups, until the transaction ends; false while another session has it.
SELECT pg_try_advisory_xact_lock(hashtext('integr8 rollups merge'))
