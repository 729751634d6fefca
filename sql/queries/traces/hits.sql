-- Hits by receipt, with their waits and dead letters. OFFSET 0 makes Postgres look up both by id for each hit, and not
-- scan the tables.
SELECT h.id, h.account_id, h.kind, h.received_at, h.outcome, h.reason, h.route, h.token_id, h.offer_id, h.publisher_id,
       encode(uuid_send(h.transaction_id), 'hex') AS transaction_id, h.conversion_id, h.duplicate_of,
       h.decided_at, h.decisions, h.request, h.test, coalesce(h.request -> 'notes', '[]') AS notes,
       w.waits_until, d.status AS dead_status, d.died_at, d.deaths, d.error
FROM hits h
LEFT JOIN LATERAL (
    SELECT waits_until FROM waiting_postbacks
    WHERE transaction_id = h.transaction_id AND hit_id = h.id
    OFFSET 0
) AS w ON true
LEFT JOIN LATERAL (
    SELECT status, died_at, deaths, error FROM dead_letters WHERE id = h.id OFFSET 0
) AS d ON true
WHERE h.id = ANY (:ids::uuid[])
ORDER BY h.received_at, h.id
