-- Keeps a message that is no hit: id, bytes, what was wrong with it.
INSERT INTO dead_letters (id, account_id, kind, outcome, reason, error, received_at, payload)
VALUES ($1, 0, 'unknown', 'failed', 'undecodable', $3, now(), $2)
ON CONFLICT DO NOTHING
