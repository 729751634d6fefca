-- The tokens with these pairs of account and id. OFFSET 0: see offers/find.
SELECT found.*
FROM unnest(:account_ids::bigint[], :ids::bigint[]) AS wanted (account_id, id)
CROSS JOIN LATERAL (
    SELECT * FROM tokens
    WHERE tokens.account_id = wanted.account_id AND tokens.id = wanted.id
    OFFSET 0
) AS found
