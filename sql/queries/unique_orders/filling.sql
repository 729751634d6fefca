-- The offers whose switching on has begun and not ended.
SELECT account_id, offer_id AS id FROM unique_order_offers WHERE state = 'filling' ORDER BY offer_id
