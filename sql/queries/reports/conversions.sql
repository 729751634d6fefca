-- Conversions of hits that were received in a period, without tests, by sub id and by :by, and by currency, because amounts of different
-- currencies are never added up. The ids of their clicks are from :click_low to :click_high. The sub_id is that of the
-- click, so that the report shows a conversion in the same line as its click.
SELECT v.account_id,
       CASE :by::text WHEN 'offer' THEN v.offer_id WHEN 'publisher' THEN v.publisher_id ELSE 0 END AS party,
       CASE :by::text WHEN 'day' THEN to_char(v.converted_at AT TIME ZONE :zone::text, 'YYYY-MM-DD') ELSE '' END AS label,
       coalesce(CASE WHEN c.transaction_id IS NULL THEN v.sub_id ELSE c.sub_id END, '') AS sub_id,
       v.currency,
       count(*) AS conversions,
       count(*) FILTER (WHERE v.method <> 'clickless') AS converted_clicks,
       sum(v.revenue) AS revenue,
       sum(v.payout) AS payout
FROM conversions v
LEFT JOIN clicks c ON c.transaction_id = v.transaction_id AND c.account_id = v.account_id
    AND c.transaction_id >= :click_low::uuid AND c.transaction_id <= :click_high::uuid
WHERE v.id >= :low::uuid AND v.id < :high::uuid AND NOT v.test
  AND (:account_id::bigint = 0 OR v.account_id = :account_id::bigint)
  AND (:offer_id::bigint = 0 OR v.offer_id = :offer_id::bigint)
  AND (:publisher_id::bigint = 0 OR v.publisher_id = :publisher_id::bigint)
GROUP BY 1, 2, 3, 4, 5
