-- Keeps a message that is no hit: id, bytes, what was wrong with it.
INSERT INTO dead_letters (id, account_id, kind, outcome, reason, error, received_at, payload)
VALUES ($1::uuid, 0, 'unknown', 'failed', 'undecodable', $3::text, now(), $2::bytea)
ON CONFLICT DO NOTHING
