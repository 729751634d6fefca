-- How many pages of a partition the session has read, as far as the server has not yet added them to its statistics,
-- which it does between transactions.
SELECT pg_stat_get_xact_blocks_fetched(:name::text::regclass)
