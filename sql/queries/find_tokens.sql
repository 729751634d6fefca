-- The tokens with these digests. OFFSET 0: see find_offers.sql.
SELECT found.*
FROM unnest($1::bytea[]) AS wanted (digest)
CROSS JOIN LATERAL (SELECT * FROM tokens WHERE tokens.digest = wanted.digest OFFSET 0) AS found
