-- Conversions of hits received in a period, grouped by what the parameter by names, and by currency, as amounts of
-- different ones are never added up. The sub_id is the click's, so that it stands beside that click in the report.
SELECT v.account_id,
       CASE :by WHEN 'offer' THEN v.offer_id WHEN 'publisher' THEN v.publisher_id END AS party,
       CASE :by WHEN 'day' THEN to_char(v.converted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
                WHEN 'sub_id' THEN coalesce(CASE WHEN c.transaction_id IS NULL THEN v.sub_id ELSE c.sub_id END, '')
                ELSE '' END AS label,
       v.currency,
       count(*) AS conversions,
       count(DISTINCT v.transaction_id) AS converted_clicks,
       sum(v.revenue) AS revenue,
       sum(v.payout) AS payout
FROM conversions v
LEFT JOIN clicks c ON :by = 'sub_id' AND c.transaction_id = v.transaction_id AND c.account_id = v.account_id
WHERE v.id >= :low AND v.id < :high
  AND (CAST(:account_id AS bigint) = 0 OR v.account_id = :account_id)
  AND (CAST(:offer_id AS bigint) = 0 OR v.offer_id = :offer_id)
  AND (CAST(:publisher_id AS bigint) = 0 OR v.publisher_id = :publisher_id)
GROUP BY 1, 2, 3, 4
