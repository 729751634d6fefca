-- Keeps a message that is no hit: id, bytes, what was wrong with it.
WITH kept AS (
    INSERT INTO dead_letters (id, account_id, kind, outcome, reason, error, received_at, payload)
    VALUES ($1::uuid, 0, 'unknown', 'failed', 'undecodable', $3::text, now(), $2::bytea)
    ON CONFLICT DO NOTHING
    RETURNING id, account_id, outcome, reason, error
)
INSERT INTO dead_letter_events (letter_id, event, account_id, outcome, reason, error)
SELECT id, 'died', account_id, outcome, reason, error FROM kept
