-- Locks the dead letters of these hits in the order of their ids, like settle_dead_letters: a transaction that changes
-- some by one statement and others by the next would otherwise wait in a ring with a replay that marks the same ones.
SELECT FROM dead_letters WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE
