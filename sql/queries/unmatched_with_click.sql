-- How many postbacks, from $3 up to $4, are unmatched although their click, from $1 up to $2, is there. OFFSET 0 has each
-- looked up by its id.
SELECT count(*)
FROM ended_waits AS w
WHERE EXISTS (
    SELECT FROM clicks AS c
    WHERE c.transaction_id = w.transaction_id AND c.transaction_id >= $1::uuid AND c.transaction_id <= $2::uuid
    OFFSET 0
) AND EXISTS (
    SELECT FROM hits AS h
    WHERE h.id = w.hit_id AND h.id >= $3::uuid AND h.id <= $4::uuid AND h.outcome = 'unmatched'
    OFFSET 0
)
