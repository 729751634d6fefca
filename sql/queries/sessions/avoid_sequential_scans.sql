-- Makes the statements of the transaction use an index where there is one.
SELECT set_config('enable_seqscan', 'off', true)
