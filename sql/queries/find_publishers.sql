-- The publishers of these accounts ($1) with these ids ($2), pair by pair. OFFSET 0: see find_offers.sql.
SELECT found.*
FROM unnest($1::bigint[], $2::bigint[]) AS wanted (account_id, id)
CROSS JOIN LATERAL (
    SELECT * FROM publishers
    WHERE publishers.account_id = wanted.account_id AND publishers.id = wanted.id
    OFFSET 0
) AS found
