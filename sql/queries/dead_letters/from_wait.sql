-- Makes a dead letter of a waiting hit that cannot be decoded, and ends its wait; :error says why. A hit that has
-- another outcome by now keeps it.
WITH was AS (
    SELECT id, outcome, reason FROM hits WHERE id = :hit_id::uuid AND outcome IN ('waiting', 'unmatched') FOR UPDATE
), buried AS (
    UPDATE hits SET outcome = 'failed', reason = 'undecodable', decided_at = now(), decisions = decisions + 1
    FROM was
    WHERE hits.id = :hit_id::uuid AND hits.id = was.id
    RETURNING hits.id, account_id, kind, offer_id, publisher_id, transaction_id, received_at, request, test,
        was.outcome AS was_outcome, was.reason AS was_reason
), rolled_up AS (
    INSERT INTO rollup_deltas (minute, account_id, offer_id, publisher_id, kind, outcome, reason, currency, hits, bots, revenue, payout)
    SELECT date_trunc('minute', received_at), account_id, coalesce(offer_id, 0), coalesce(publisher_id, 0), kind, d.outcome, d.reason, '',
        d.hits, 0, 0, 0
    FROM buried CROSS JOIN LATERAL (VALUES (was_outcome, was_reason, -1), ('failed', 'undecodable', 1)) AS d (outcome, reason, hits)
    WHERE NOT test
), waits_no_longer AS (
    DELETE FROM waiting_postbacks WHERE transaction_id = :transaction_id::uuid AND hit_id = :hit_id::uuid
), ended AS (
    DELETE FROM ended_waits WHERE transaction_id = :transaction_id::uuid AND hit_id = :hit_id::uuid
), kept AS (
    INSERT INTO dead_letters AS old (id, account_id, kind, outcome, reason, error, offer_id, transaction_id, received_at, payload, publisher_id, test)
    SELECT id, account_id, kind, 'failed', 'undecodable', :error::text, offer_id, transaction_id, received_at,
        convert_to(request::text, 'UTF8'), publisher_id, test
    FROM buried
    ON CONFLICT (id) DO UPDATE SET
        account_id = excluded.account_id,
        outcome = excluded.outcome, reason = excluded.reason, error = excluded.error, payload = excluded.payload, test = excluded.test,
        died_at = now(), deaths = old.deaths + 1,
        status = CASE old.status WHEN 'discarded' THEN old.status ELSE 'open' END,
        status_at = CASE old.status WHEN 'discarded' THEN old.status_at ELSE now() END
    RETURNING id, account_id, outcome, reason, error, status
)
INSERT INTO dead_letter_events (letter_id, event, account_id, outcome, reason, error)
SELECT id, CASE status WHEN 'discarded' THEN 'copy_died' ELSE 'died' END, account_id, outcome, reason, error FROM kept
