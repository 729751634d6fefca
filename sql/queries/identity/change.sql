-- Sets the rules of identity of an offer for clicks from :lead_us (microseconds) ahead, unless the last rules that were
-- set are the same. The caller holds the lock of identity/lock.
INSERT INTO offer_identity (account_id, offer_id, since, many_per_click)
SELECT offers.account_id, offers.id,
       greatest(clock_timestamp() + :lead_us::bigint * interval '1 microsecond', newest.since + interval '1 microsecond'),
       :many_per_click::boolean
FROM offers
LEFT JOIN LATERAL (
    SELECT since, many_per_click FROM offer_identity
    WHERE account_id = offers.account_id AND offer_id = offers.id
    ORDER BY since DESC
    LIMIT 1
) AS newest ON true
WHERE offers.account_id = :account_id::bigint AND offers.id = :offer_id::bigint
  AND :many_per_click::boolean <> coalesce(newest.many_per_click, offers.many_per_click)
