-- Locks the dead letters of these hits in the order of their ids: workers that change some by one statement and others by the
-- next, and operators who mark the same ones, would otherwise wait for each other in a ring.
SELECT FROM dead_letters WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE
