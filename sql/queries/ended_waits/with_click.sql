-- The number of postbacks, from :first_hit up to :last_hit, that are unmatched although their click, from :first_click
-- up to :last_click, is recorded. OFFSET 0 makes Postgres look up each by its id.
SELECT count(*)
FROM ended_waits AS w
WHERE EXISTS (
    SELECT FROM clicks AS c
    WHERE c.transaction_id = w.transaction_id AND c.transaction_id >= :first_click::uuid AND c.transaction_id <= :last_click::uuid
    OFFSET 0
) AND EXISTS (
    SELECT FROM hits AS h
    WHERE h.id = w.hit_id AND h.id >= :first_hit::uuid AND h.id <= :last_hit::uuid AND h.outcome = 'unmatched'
    OFFSET 0
)
