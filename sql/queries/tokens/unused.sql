-- Tokens that were made before a time, are still valid, do not belong to a paused offer, and with which no hit but tests
-- has come since the receipt :first_id.
SELECT t.*
FROM tokens t
LEFT JOIN offers o ON o.account_id = t.account_id AND o.id = t.offer_id
WHERE t.created_at < :made_before::timestamptz
  AND (t.valid_until IS NULL OR t.valid_until > now())
  AND o.status IS DISTINCT FROM 'paused'
  AND NOT EXISTS (
      SELECT FROM hits h
      WHERE h.id >= :first_id::uuid AND h.account_id = t.account_id AND h.token_id = t.id AND NOT h.test)
ORDER BY t.account_id, t.id
