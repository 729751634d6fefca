-- Makes the transactions that create unique objects run one after the other.
SELECT pg_advisory_xact_lock(hashtext('integr8 unique reference'::text))
