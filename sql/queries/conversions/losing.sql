-- Conversions since :first_id whose payout is higher than their revenue, by offer, publisher, way in and currency: at
-- most :most groups, the largest loss first, and the numbers of all groups and conversions. Conversions at the fixed
-- terms that the offer has for the publisher are left out, because the offer itself shows them.
SELECT v.account_id, v.offer_id, v.publisher_id, v.method, v.currency,
       count(*) AS conversions, sum(v.payout) AS payout, sum(v.revenue) AS revenue,
       (array_agg(v.id ORDER BY v.payout - v.revenue DESC, v.id))[1] AS worst_id,
       count(*) OVER () AS groups, (sum(count(*)) OVER ())::bigint AS total
FROM conversions v
JOIN offers o ON o.account_id = v.account_id AND o.id = v.offer_id
LEFT JOIN offer_overrides p ON p.account_id = v.account_id AND p.offer_id = v.offer_id AND p.publisher_id = v.publisher_id
WHERE v.id >= :first_id::uuid AND v.payout > v.revenue AND NOT v.test
  AND NOT (v.payout = coalesce(p.payout, o.payout) AND v.revenue = coalesce(p.revenue, o.revenue)
      AND NOT CASE WHEN p.payout IS NULL THEN o.payout_is_percent ELSE p.payout_is_percent END
      AND NOT CASE WHEN p.revenue IS NULL THEN o.revenue_is_percent ELSE p.revenue_is_percent END)
GROUP BY v.account_id, v.offer_id, v.publisher_id, v.method, v.currency
ORDER BY sum(v.payout - v.revenue) DESC, v.account_id, v.offer_id, v.publisher_id, v.method
LIMIT :most::bigint
