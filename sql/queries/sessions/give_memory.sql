-- Sets how much memory a sort or a hash table of the transaction may use: a size such as 64MB.
SELECT set_config('work_mem', :memory::text, true)
