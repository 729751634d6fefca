-- Bounds how long each statement of the transaction takes: a time such as 5s.
SELECT set_config('statement_timeout', :longest::text, true)
