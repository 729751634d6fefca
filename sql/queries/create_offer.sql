-- Adds an offer and answers its id.
INSERT INTO offers (
    account_id, advertiser_id, name, destination, status, currency,
    payout, payout_is_percent, revenue, revenue_is_percent, window_seconds, many_per_click
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
RETURNING id
