-- Forgets places in the waiting room of hits that do not wait, because they are gone or have another outcome: the
-- transaction_ids, the hits and the ends of their waits, as they were read. Reports the hits. What a worker has locked
-- is left for the next time: see forget_ended_waits.
WITH stale AS (
    SELECT w.transaction_id, w.hit_id
    FROM waiting_postbacks AS w
    JOIN unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS seen (transaction_id, hit_id, waits_until)
        ON w.transaction_id = seen.transaction_id AND w.hit_id = seen.hit_id AND w.waits_until = seen.waits_until
    WHERE w.transaction_id = ANY ($1::uuid[])
      AND w.hit_id NOT IN (SELECT id FROM hits WHERE id = ANY ($2::uuid[]) AND outcome = 'waiting')
    FOR UPDATE OF w SKIP LOCKED
)
DELETE FROM waiting_postbacks AS w
USING stale
WHERE w.transaction_id = ANY ($1::uuid[]) AND w.transaction_id = stale.transaction_id AND w.hit_id = stale.hit_id
RETURNING w.hit_id
