-- Tokens without a purpose by which hits of two kinds came since an id ($1), with how many of each: at most $2.
SELECT h.account_id, h.token_id,
       count(*) FILTER (WHERE h.kind = 'postback') AS postbacks,
       count(*) FILTER (WHERE h.kind = 'pixel') AS pixels,
       count(*) FILTER (WHERE h.kind = 'clickless') AS clickless
FROM hits h
JOIN tokens t ON t.account_id = h.account_id AND t.id = h.token_id AND t.purpose = ''
WHERE h.id >= $1::uuid AND h.kind <> 'click'
GROUP BY h.account_id, h.token_id
HAVING count(DISTINCT h.kind) > 1
ORDER BY count(*) FILTER (WHERE h.kind = 'pixel') = 0, count(*) DESC, h.account_id, h.token_id
LIMIT $2::bigint
