-- Writes a dead letter for a message that is not a hit; :error says what is wrong with it.
WITH kept AS (
    INSERT INTO dead_letters (id, account_id, kind, outcome, reason, error, received_at, payload)
    VALUES (:id::uuid, 0, 'unknown', 'failed', 'undecodable', :error::text, now(), :payload::bytea)
    ON CONFLICT DO NOTHING
    RETURNING id, account_id, outcome, reason, error
)
INSERT INTO dead_letter_events (letter_id, event, account_id, outcome, reason, error)
SELECT id, 'died', account_id, outcome, reason, error FROM kept
