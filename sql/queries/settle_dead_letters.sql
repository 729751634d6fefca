-- Gives dead letters a new status, but only those that still are as they were read: one that died again meanwhile
-- stays open. Rows are locked in the order of their ids, so that two writers never wait for each other in a ring.
WITH seen AS (
    SELECT * FROM unnest($2::uuid[], $3::timestamptz[], $4::integer[], $5::text[]) AS row (id, died_at, deaths, status)
), unchanged AS (
    SELECT id
    FROM dead_letters JOIN seen USING (id, died_at, deaths, status)
    ORDER BY id
    FOR UPDATE OF dead_letters
)
UPDATE dead_letters SET status = $1::text, status_at = now()
FROM unchanged
WHERE dead_letters.id = unchanged.id
