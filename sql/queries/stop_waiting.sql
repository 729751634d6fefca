-- Forgets that a postback waits: transaction_id, hit, and the end of its wait as it was read. One that has begun to wait
-- anew since then, and so for longer, waits on.
DELETE FROM waiting_postbacks
WHERE transaction_id = $1::uuid AND hit_id = $2::uuid AND waits_until = $3::timestamptz
