-- Closes dead letters whose hits came to another outcome after all, and returns the ids of the hits, their accounts,
-- which may not have been known when they died, their outcomes and reasons. A discarded one stays discarded. The caller
-- has locked them.
WITH before AS (
    SELECT id, account_id, status, array_position($1::uuid[], id) AS place
    FROM dead_letters
    WHERE id = ANY ($1::uuid[]) AND status <> 'resolved'
), resolved AS (
    UPDATE dead_letters SET
        account_id = ($2::bigint[])[array_position($1::uuid[], id)],
        status = CASE status WHEN 'discarded' THEN status ELSE 'resolved' END,
        status_at = CASE status WHEN 'discarded' THEN status_at ELSE now() END
    WHERE id = ANY ($1::uuid[]) AND status <> 'resolved'
)
INSERT INTO dead_letter_events (letter_id, event, account_id, from_account_id, outcome, reason)
SELECT id, event, ($2::bigint[])[place], from_account_id, ($3::text[])[place], ($4::text[])[place]
FROM before CROSS JOIN LATERAL (VALUES
    ('moved', before.account_id, before.account_id <> ($2::bigint[])[place]),
    ('resolved', NULL, before.status <> 'discarded' OR NOT EXISTS (
        SELECT FROM dead_letter_events told
        WHERE told.letter_id = before.id AND told.event = 'resolved' AND told.outcome = ($3::text[])[place]))
) AS e (event, from_account_id, happened)
WHERE happened
