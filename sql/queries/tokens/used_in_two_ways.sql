-- Tokens without a purpose with which hits of at least two kinds, without tests, have come since the receipt :first_id, with the number
-- of each kind: at most :most.
SELECT h.account_id, h.token_id,
       count(*) FILTER (WHERE h.kind = 'postback') AS postbacks,
       count(*) FILTER (WHERE h.kind = 'pixel') AS pixels,
       count(*) FILTER (WHERE h.kind = 'clickless') AS clickless
FROM hits h
JOIN tokens t ON t.account_id = h.account_id AND t.id = h.token_id AND t.purpose = ''
WHERE h.id >= :first_id::uuid AND h.kind <> 'click' AND NOT h.test
GROUP BY h.account_id, h.token_id
HAVING count(DISTINCT h.kind) > 1
ORDER BY count(*) FILTER (WHERE h.kind = 'pixel') = 0, count(*) DESC, h.account_id, h.token_id
LIMIT :most::bigint
