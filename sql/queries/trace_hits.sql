-- Hits by receipt ($1) or by the transaction_id that they named ($2), with what they wait for and what died of them.
SELECT h.id, h.account_id, h.kind, h.received_at, h.outcome, h.reason, h.route, h.token_id, h.offer_id, h.publisher_id,
       encode(uuid_send(h.transaction_id), 'hex') AS transaction_id, h.conversion_id, h.duplicate_of,
       h.decided_at, h.decisions, h.request, coalesce(h.request -> 'notes', '[]') AS notes,
       w.waits_until, d.status AS dead_status, d.died_at, d.deaths, d.error
FROM hits h
LEFT JOIN waiting_postbacks w ON w.hit_id = h.id AND w.account_id = h.account_id AND w.transaction_id = h.transaction_id
LEFT JOIN dead_letters d ON d.id = h.id AND d.account_id = h.account_id
WHERE h.id = ANY ($1::uuid[])
   OR (h.transaction_id = ANY ($2::uuid[]) AND h.kind <> 'click')
ORDER BY h.received_at, h.id, h.account_id
