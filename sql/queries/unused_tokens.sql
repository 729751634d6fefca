-- Tokens that were made before a time ($1), can still be used, are for no paused offer, and with which no hit
-- came since an id ($2).
SELECT t.*
FROM tokens t
LEFT JOIN offers o ON o.account_id = t.account_id AND o.id = t.offer_id
WHERE t.created_at < $1::timestamptz
  AND (t.valid_until IS NULL OR t.valid_until > now())
  AND o.status IS DISTINCT FROM 'paused'
  AND NOT EXISTS (
      SELECT FROM hits h
      WHERE h.id >= $2::uuid AND h.account_id = t.account_id AND h.token_id = t.id)
ORDER BY t.account_id, t.id
