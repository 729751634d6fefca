-- Closes dead letters whose hits have another outcome now, and returns the ids of the hits, their accounts, which may
-- have been unknown when they died, their outcomes and reasons. A discarded letter remains discarded. The caller has
-- locked them.
WITH before AS (
    SELECT id, account_id, status, array_position(:ids::uuid[], id) AS place
    FROM dead_letters
    WHERE id = ANY (:ids::uuid[]) AND status <> 'resolved'
), resolved AS (
    UPDATE dead_letters SET
        account_id = (:account_ids::bigint[])[array_position(:ids::uuid[], id)],
        status = CASE status WHEN 'discarded' THEN status ELSE 'resolved' END,
        status_at = CASE status WHEN 'discarded' THEN status_at ELSE now() END
    WHERE id = ANY (:ids::uuid[]) AND status <> 'resolved'
)
INSERT INTO dead_letter_events (letter_id, event, account_id, from_account_id, outcome, reason)
SELECT id, event, (:account_ids::bigint[])[place], from_account_id, (:outcomes::text[])[place], (:reasons::text[])[place]
FROM before CROSS JOIN LATERAL (VALUES
    ('moved', before.account_id, before.account_id <> (:account_ids::bigint[])[place]),
    ('resolved', NULL, before.status <> 'discarded' OR NOT EXISTS (
        SELECT FROM dead_letter_events told
        WHERE told.letter_id = before.id AND told.event = 'resolved' AND told.outcome = (:outcomes::text[])[place]))
) AS e (event, from_account_id, happened)
WHERE happened
