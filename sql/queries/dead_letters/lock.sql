-- Locks the dead letters of these hits in the order of their ids. Without this, workers, which change some of them by
-- one statement and others by the next, and operators who mark the same ones could deadlock.
SELECT FROM dead_letters WHERE id = ANY (:ids::uuid[]) ORDER BY id FOR UPDATE
