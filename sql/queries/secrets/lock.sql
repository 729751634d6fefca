-- Makes the processes that register their secrets do so one after the other, until the transaction ends.
SELECT pg_advisory_xact_lock(hashtext('integr8 secrets'))
