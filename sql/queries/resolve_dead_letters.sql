-- Closes dead letters whose hits came to another outcome after all: the ids of the hits, and their accounts, which may
-- not have been known when they died. A discarded one stays discarded.
UPDATE dead_letters SET
    account_id = ($2::bigint[])[array_position($1::uuid[], id)],
    status = CASE status WHEN 'discarded' THEN status ELSE 'resolved' END,
    status_at = CASE status WHEN 'discarded' THEN status_at ELSE now() END
WHERE id = ANY ($1::uuid[]) AND status <> 'resolved'
