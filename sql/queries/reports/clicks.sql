-- Clicks in a period by sub id, without those of bots and of tests, and by :by. A period is a range of ids, so that the partitions of
-- other days are not read.
SELECT account_id,
       CASE :by::text WHEN 'offer' THEN offer_id WHEN 'publisher' THEN publisher_id ELSE 0 END AS party,
       CASE :by::text WHEN 'day' THEN to_char(clicked_at AT TIME ZONE :zone::text, 'YYYY-MM-DD') ELSE '' END AS label,
       coalesce(sub_id, '') AS sub_id,
       count(*) AS clicks
FROM clicks
WHERE transaction_id >= :low::uuid AND transaction_id < :high::uuid
  AND NOT bot AND NOT test
  AND (:account_id::bigint = 0 OR account_id = :account_id::bigint)
  AND (:offer_id::bigint = 0 OR offer_id = :offer_id::bigint)
  AND (:publisher_id::bigint = 0 OR publisher_id = :publisher_id::bigint)
GROUP BY 1, 2, 3, 4
