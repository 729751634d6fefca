-- Makes the statements of the transaction that read a page of a table find it by its primary key, whatever the statistics
-- of the table say: to sort a million rows for each page takes hours.
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true)
