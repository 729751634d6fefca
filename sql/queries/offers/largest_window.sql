-- The offer with the largest attribution window, if there is an offer.
SELECT id, account_id, window_seconds FROM offers ORDER BY window_seconds DESC, id LIMIT 1
