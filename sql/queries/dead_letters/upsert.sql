-- Writes dead letters, one array for each column, and adds their deaths, with the number of failed :attempts. A letter
-- that died before is open again, unless it was discarded: then this is only a second copy of the same death, because a
-- replay opens a discarded letter before it publishes its hit.
WITH before AS (
    SELECT id, account_id FROM dead_letters WHERE id = ANY (:ids::uuid[])
), buried AS (
    INSERT INTO dead_letters AS old (id, account_id, kind, outcome, reason, error, offer_id, transaction_id,
        received_at, payload, surplus, token_digest, publisher_id, network, test)
    SELECT id, account_id, kind, outcome, reason, error, offer_id, transaction_id, received_at, payload, surplus,
        nullif(token_digest, ''), publisher_id, cidr(network), test
    FROM unnest(:ids::uuid[], :account_ids::bigint[], :kinds::text[], :outcomes::text[], :reasons::text[],
        :errors::text[], :offer_ids::bigint[], :transaction_ids::uuid[], :received_at::timestamptz[],
        :payloads::bytea[], :surplus::boolean[], :token_digests::bytea[], :publisher_ids::bigint[], :networks::text[],
        :tests::boolean[])
        AS row (id, account_id, kind, outcome, reason, error, offer_id, transaction_id, received_at, payload, surplus,
            token_digest, publisher_id, network, test)
    ORDER BY id
    ON CONFLICT (id) DO UPDATE SET
        account_id = excluded.account_id,
        outcome = excluded.outcome, reason = excluded.reason, error = excluded.error,
        offer_id = coalesce(excluded.offer_id, old.offer_id),
        transaction_id = coalesce(excluded.transaction_id, old.transaction_id),
        token_digest = coalesce(excluded.token_digest, old.token_digest),
        publisher_id = coalesce(excluded.publisher_id, old.publisher_id),
        network = coalesce(excluded.network, old.network),
        test = excluded.test,
        died_at = CASE old.status WHEN 'discarded' THEN old.died_at ELSE now() END,
        deaths = CASE old.status WHEN 'discarded' THEN old.deaths ELSE old.deaths + 1 END,
        status = CASE old.status WHEN 'discarded' THEN old.status ELSE 'open' END,
        status_at = CASE old.status WHEN 'discarded' THEN old.status_at ELSE now() END
    RETURNING id, account_id, outcome, reason, error, status
)
INSERT INTO dead_letter_events (letter_id, event, account_id, from_account_id, outcome, reason, error, attempts)
SELECT id, event, buried.account_id, from_account_id, outcome, reason, error, attempts
FROM buried LEFT JOIN before USING (id)
CROSS JOIN LATERAL (VALUES
    ('moved', before.account_id, 0, before.account_id <> buried.account_id),
    (CASE status WHEN 'discarded' THEN 'copy_died' ELSE 'died' END, NULL, (:attempts::bigint[])[array_position(:ids::uuid[], id)], true)
) AS e (event, from_account_id, attempts, happened)
WHERE happened
