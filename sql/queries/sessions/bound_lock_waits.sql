-- Bounds how long the statements of the transaction wait for locks: a time such as 5s.
SELECT set_config('lock_timeout', :longest::text, true)
