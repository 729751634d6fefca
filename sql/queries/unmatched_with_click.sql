-- How many postbacks are unmatched although their click, from $1 up to $2, is there. OFFSET 0 has each click looked up by
-- its id.
SELECT count(*)
FROM ended_waits AS w
WHERE EXISTS (
    SELECT FROM clicks AS c
    WHERE c.transaction_id = w.transaction_id AND c.transaction_id >= $1::uuid AND c.transaction_id <= $2::uuid
    OFFSET 0
)
