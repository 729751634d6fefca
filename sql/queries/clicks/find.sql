-- The clicks of these transaction_ids, of all accounts. OFFSET 0 makes Postgres do one look-up for each id, only in the
-- partition of its day, whatever the statistics of the tables say. recorded_early is set when the receiver's clock was
-- ahead of the database's. :transaction_ids is in ascending order, so that the planner excludes days before its first
-- and after its last id. The literal ids are replaced by the bounds of an era: see era.go.
SELECT c.transaction_id, c.account_id, c.offer_id, c.publisher_id, c.clicked_at, c.recorded_early,
    coalesce(c.device_id, '') AS device_id, coalesce(host(c.client_ip), '') AS client_ip, coalesce(c.user_agent, '') AS user_agent, c.test
FROM unnest(:transaction_ids::uuid[]) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT transaction_id, account_id, offer_id, publisher_id, clicked_at, device_id, client_ip, user_agent, test,
        CASE WHEN recorded_at < clicked_at THEN recorded_at END AS recorded_early
    FROM clicks
    WHERE transaction_id = wanted.id
      AND transaction_id BETWEEN (:transaction_ids::uuid[])[1] AND (:transaction_ids::uuid[])[cardinality(:transaction_ids::uuid[])]
      AND transaction_id BETWEEN '00000000-0000-0000-0000-000000000000' AND 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    OFFSET 0
) AS c
