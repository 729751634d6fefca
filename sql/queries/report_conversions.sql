-- Conversions of hits received in a period, grouped by what the parameter by names, and by currency, as amounts of different ones are
-- never added up.
SELECT account_id,
       CASE :by WHEN 'offer' THEN offer_id WHEN 'publisher' THEN publisher_id END AS party,
       CASE :by WHEN 'day' THEN to_char(converted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
                WHEN 'sub_id' THEN coalesce(sub_id, '') ELSE '' END AS label,
       currency,
       count(*) AS conversions,
       count(DISTINCT transaction_id) AS converted_clicks,
       sum(revenue) AS revenue,
       sum(payout) AS payout
FROM conversions
WHERE id >= :low AND id < :high
  AND (CAST(:account_id AS bigint) = 0 OR account_id = :account_id)
  AND (CAST(:offer_id AS bigint) = 0 OR offer_id = :offer_id)
  AND (CAST(:publisher_id AS bigint) = 0 OR publisher_id = :publisher_id)
GROUP BY 1, 2, 3, 4
