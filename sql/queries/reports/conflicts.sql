-- Offers for which both URL forms were used in a period, or for which a conversion was repeated through the other form.
-- A hit that was refused because its token is not valid for the offer does not count as a use of the offer's URL.
-- Clickless postbacks are counted separately: one URL form for clicks and the other for clickless sales is not a
-- conflict.
SELECT h.account_id, h.offer_id, coalesce(o.name, '') AS name,
       count(*) FILTER (WHERE h.route = 'global') AS hits_global,
       count(*) FILTER (WHERE h.route = 'offer') AS hits_offer,
       count(*) FILTER (WHERE h.route = 'global' AND h.outcome = 'converted') AS conversions_global,
       count(*) FILTER (WHERE h.route = 'offer' AND h.outcome = 'converted') AS conversions_offer,
       count(*) FILTER (WHERE h.reason = 'duplicate_other_url') AS duplicates_other_url,
       max(h.received_at) FILTER (WHERE h.route = 'global') AS last_global,
       max(h.received_at) FILTER (WHERE h.route = 'offer') AS last_offer,
       max(h.received_at) AS last_seen
FROM hits h
LEFT JOIN offers o ON o.account_id = h.account_id AND o.id = h.offer_id
WHERE h.id >= :low::uuid AND h.id < :high::uuid
  AND NOT h.test AND h.route <> '' AND h.offer_id IS NOT NULL
  AND h.reason NOT IN ('wrong_offer', 'wrong_account', 'wrong_domain', 'wrong_purpose', 'expired_token', 'unknown_token')
  AND (:account_id::bigint = 0 OR h.account_id = :account_id::bigint)
  AND (:offer_id::bigint = 0 OR h.offer_id = :offer_id::bigint)
  AND (:publisher_id::bigint = 0 OR h.publisher_id = :publisher_id::bigint)
GROUP BY h.account_id, h.offer_id, o.name
HAVING count(DISTINCT h.route) FILTER (WHERE h.kind <> 'clickless') > 1
    OR count(DISTINCT h.route) FILTER (WHERE h.kind = 'clickless') > 1
    OR count(*) FILTER (WHERE h.reason = 'duplicate_other_url') > 0
ORDER BY duplicates_other_url DESC, h.account_id, h.offer_id
