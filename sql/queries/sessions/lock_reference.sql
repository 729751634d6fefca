-- Makes the transactions that change reference data run one after the other.
SELECT pg_advisory_xact_lock(hashtext('integr8 unique reference'::text))
