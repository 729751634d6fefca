-- The click of a period behind its :most newest; none where there are no more.
SELECT transaction_id FROM clicks
WHERE transaction_id >= :low::uuid AND transaction_id < :high::uuid
ORDER BY transaction_id DESC
OFFSET :most::bigint LIMIT 1
