-- The tokens with these digests. OFFSET 0: see offers/find.
SELECT found.*
FROM unnest(:digests::bytea[]) AS wanted (digest)
CROSS JOIN LATERAL (SELECT * FROM tokens WHERE tokens.digest = wanted.digest OFFSET 0) AS found
