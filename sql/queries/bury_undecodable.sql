-- Makes a dead letter of a stored hit ($1) for transaction_id $2 that cannot be read again; $3 says why. It waits no
-- longer. A hit that has another outcome by now keeps it.
WITH buried AS (
    UPDATE hits SET outcome = 'failed', reason = 'undecodable', decided_at = now(), decisions = decisions + 1
    WHERE id = $1::uuid AND outcome IN ('waiting', 'unmatched')
    RETURNING id, account_id, kind, offer_id, transaction_id, received_at, request
), waits_no_longer AS (
    DELETE FROM waiting_postbacks WHERE transaction_id = $2::uuid AND hit_id = $1::uuid
), ended AS (
    DELETE FROM ended_waits WHERE transaction_id = $2::uuid AND hit_id = $1::uuid
), kept AS (
    INSERT INTO dead_letters AS old (id, account_id, kind, outcome, reason, error, offer_id, transaction_id, received_at, payload)
    SELECT id, account_id, kind, 'failed', 'undecodable', $3::text, offer_id, transaction_id, received_at,
        convert_to(request::text, 'UTF8')
    FROM buried
    ON CONFLICT (id) DO UPDATE SET
        account_id = excluded.account_id,
        outcome = excluded.outcome, reason = excluded.reason, error = excluded.error, payload = excluded.payload,
        died_at = now(), deaths = old.deaths + 1,
        status = CASE old.status WHEN 'discarded' THEN old.status ELSE 'open' END,
        status_at = CASE old.status WHEN 'discarded' THEN old.status_at ELSE now() END
    RETURNING id, account_id, outcome, reason, error, status
)
INSERT INTO dead_letter_events (letter_id, event, account_id, outcome, reason, error)
SELECT id, CASE status WHEN 'discarded' THEN 'copy_died' ELSE 'died' END, account_id, outcome, reason, error FROM kept
