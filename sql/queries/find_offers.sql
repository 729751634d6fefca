-- The offers of these accounts ($1) with these ids ($2), pair by pair. Each is found through the primary key, whatever is
-- known of the table: OFFSET 0 keeps the planner from reading all of it for many pairs.
SELECT found.*
FROM unnest($1::bigint[], $2::bigint[]) AS wanted (account_id, id)
CROSS JOIN LATERAL (
\ir offer_rows.sql
    WHERE offers.account_id = wanted.account_id AND offers.id = wanted.id
    OFFSET 0
) AS found
