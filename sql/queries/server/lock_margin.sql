-- How many locks the server's lock table guarantees, and the number of relations of the days of clicks and hits, with
-- their indexes: a statement over all days takes one lock for each.
SELECT current_setting('max_locks_per_transaction')::bigint
    * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint) AS locks,
    (SELECT count(*) FROM pg_inherits AS link
     LEFT JOIN pg_index AS index ON index.indrelid = link.inhrelid
     WHERE link.inhparent IN ('clicks'::regclass, 'hits'::regclass))
    + (SELECT count(*) FROM pg_inherits WHERE inhparent IN ('clicks'::regclass, 'hits'::regclass)) AS relations,
    (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS sessions
