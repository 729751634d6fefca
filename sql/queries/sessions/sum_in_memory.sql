-- Lets the transaction sum up hundreds of thousands of keys in memory, on one processor: parallel workers would each keep
-- all keys, compiling costs more than it saves, and the planner, which expects more keys than there are, would sort.
SELECT set_config('work_mem', '64MB', true), set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true),
    set_config('enable_sort', 'off', true)
