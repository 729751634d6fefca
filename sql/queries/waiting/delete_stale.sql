-- Deletes the waiting rows of hits that do not wait, because the hits are missing or have another outcome. :ends are
-- the ends of the waits, as they were read. Returns the hits. Rows that a worker has locked are left for the next
-- sweep: see ended_waits/drop.
WITH stale AS (
    SELECT w.transaction_id, w.hit_id
    FROM waiting_postbacks AS w
    JOIN unnest(:transaction_ids::uuid[], :hit_ids::uuid[], :ends::timestamptz[]) AS seen (transaction_id, hit_id, waits_until)
        ON w.transaction_id = seen.transaction_id AND w.hit_id = seen.hit_id AND w.waits_until = seen.waits_until
    WHERE w.transaction_id = ANY (:transaction_ids::uuid[])
      AND w.hit_id NOT IN (SELECT id FROM hits WHERE id = ANY (:hit_ids::uuid[]) AND outcome = 'waiting')
    FOR UPDATE OF w SKIP LOCKED
)
DELETE FROM waiting_postbacks AS w
USING stale
WHERE w.transaction_id = ANY (:transaction_ids::uuid[]) AND w.transaction_id = stale.transaction_id AND w.hit_id = stale.hit_id
RETURNING w.hit_id
