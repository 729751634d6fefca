-- The offers with these pairs of account and id. OFFSET 0 makes Postgres find each through the primary key, whatever
-- the statistics of the table say: for many pairs the planner would otherwise scan the table.
SELECT found.*
FROM unnest(:account_ids::bigint[], :ids::bigint[]) AS wanted (account_id, id)
CROSS JOIN LATERAL (
\ir rows.sql
    WHERE offers.account_id = wanted.account_id AND offers.id = wanted.id
    OFFSET 0
) AS found
