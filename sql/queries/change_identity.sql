-- Sets the rules of identity of an offer ($1 account, $2 id) for clicks from $4 microseconds ahead, unless they were the
-- last that were set. Whoever runs it holds the lock of lock_identity.
INSERT INTO offer_identity (account_id, offer_id, since, many_per_click)
SELECT offers.account_id, offers.id,
       greatest(clock_timestamp() + $4::bigint * interval '1 microsecond', newest.since + interval '1 microsecond'),
       $3::boolean
FROM offers
LEFT JOIN LATERAL (
    SELECT since, many_per_click FROM offer_identity
    WHERE account_id = offers.account_id AND offer_id = offers.id
    ORDER BY since DESC
    LIMIT 1
) AS newest ON true
WHERE offers.account_id = $1::bigint AND offers.id = $2::bigint
  AND $3::boolean <> coalesce(newest.many_per_click, offers.many_per_click)
