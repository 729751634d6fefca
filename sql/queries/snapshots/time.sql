-- The time at which the transaction began.
SELECT now()
