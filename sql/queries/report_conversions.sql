-- Conversions of hits received in a period, grouped by what the parameter by names, and by currency, as amounts of
-- different ones are never added up. The clicks that matter are from click_low to click_high. The sub_id is the click's, so that it stands beside that click in the report.
SELECT v.account_id,
       CASE CAST(:by AS text) WHEN 'offer' THEN v.offer_id WHEN 'publisher' THEN v.publisher_id END AS party,
       CASE CAST(:by AS text) WHEN 'day' THEN to_char(v.converted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
                WHEN 'sub_id' THEN coalesce(CASE WHEN c.transaction_id IS NULL THEN v.sub_id ELSE c.sub_id END, '')
                ELSE '' END AS label,
       v.currency,
       count(*) AS conversions,
       count(DISTINCT v.transaction_id) AS converted_clicks,
       sum(v.revenue) AS revenue,
       sum(v.payout) AS payout
FROM conversions v
LEFT JOIN clicks c ON CAST(:by AS text) = 'sub_id' AND c.transaction_id = v.transaction_id AND c.account_id = v.account_id
    AND c.transaction_id >= CAST(:click_low AS uuid) AND c.transaction_id <= CAST(:click_high AS uuid)
WHERE v.id >= CAST(:low AS uuid) AND v.id < CAST(:high AS uuid)
  AND (CAST(:account_id AS bigint) = 0 OR v.account_id = CAST(:account_id AS bigint))
  AND (CAST(:offer_id AS bigint) = 0 OR v.offer_id = CAST(:offer_id AS bigint))
  AND (CAST(:publisher_id AS bigint) = 0 OR v.publisher_id = CAST(:publisher_id AS bigint))
GROUP BY 1, 2, 3, 4
