-- Deletes these hits, whose ids are from :first_id to before :end_id, takes them out of the roll-ups, and returns their
-- numbers.
WITH gone AS (
    DELETE FROM hits
    WHERE id = ANY (:ids::uuid[]) AND id >= :first_id::uuid AND id < :end_id::uuid AND reason = 'unknown_token'
    RETURNING received_at, account_id, offer_id, publisher_id, kind, outcome, reason, test,
        coalesce((request ->> 'incarnation')::bigint, 0) AS incarnation, coalesce((request ->> 'number')::bigint, 0) AS number
), rolled_up AS (
    INSERT INTO rollup_deltas (minute, account_id, offer_id, publisher_id, kind, outcome, reason, currency, hits, bots, revenue, payout)
    SELECT date_trunc('minute', received_at), account_id, coalesce(offer_id, 0), coalesce(publisher_id, 0), kind, outcome, reason, '',
        -count(*), 0, 0, 0
    FROM gone
    WHERE NOT test
    GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT kind, incarnation, number FROM gone
