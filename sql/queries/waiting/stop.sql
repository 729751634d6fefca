-- Ends the wait of a postback. :end is the end of its wait as it was read: a postback that has begun another, longer
-- wait since then continues to wait.
DELETE FROM waiting_postbacks
WHERE transaction_id = :transaction_id::uuid AND hit_id = :hit_id::uuid AND waits_until = :end::timestamptz
