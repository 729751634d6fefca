-- The clicks of these transaction_ids, whatever the account. One look for each
-- id, in the partition of its day alone, whatever is known of the tables' sizes:
-- that is what OFFSET 0 is for. recorded_early is set where the receiver's clock
-- was ahead of the database's. $1 is in ascending order, so that days before its
-- first and after its last id are left out from the start. The ids written out
-- give way to the bounds of an era: see era.go.
SELECT c.transaction_id, c.account_id, c.offer_id, c.publisher_id, c.clicked_at, c.recorded_early
FROM unnest($1::uuid[]) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT transaction_id, account_id, offer_id, publisher_id, clicked_at,
        CASE WHEN recorded_at < clicked_at THEN recorded_at END AS recorded_early
    FROM clicks
    WHERE transaction_id = wanted.id
      AND transaction_id BETWEEN ($1::uuid[])[1] AND ($1::uuid[])[cardinality($1::uuid[])]
      AND transaction_id BETWEEN '00000000-0000-0000-0000-000000000000' AND 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    OFFSET 0
) AS c
