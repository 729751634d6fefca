-- Adds an operator's note (:event) to dead letters that the caller has locked, in whatever state they are, which stays as
-- it is. Returns them with it.
WITH told AS (
    INSERT INTO dead_letter_events (letter_id, event, act, actor, note, account_id)
    SELECT id, :event::text, :act::uuid, :actor::text, :note::text, account_id
    FROM dead_letters WHERE id = ANY (:ids::uuid[])
    RETURNING letter_id
)
SELECT id, status FROM dead_letters JOIN told ON letter_id = id
