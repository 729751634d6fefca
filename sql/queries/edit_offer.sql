-- Changes an offer: account, id, then the new values, NULL for those that stay.
UPDATE offers
SET advertiser_id      = coalesce($3, advertiser_id),
    name               = coalesce($4, name),
    destination        = coalesce($5, destination),
    status             = coalesce($6, status),
    currency           = coalesce($7, currency),
    payout             = coalesce($8, payout),
    payout_is_percent  = coalesce($9, payout_is_percent),
    revenue            = coalesce($10, revenue),
    revenue_is_percent = coalesce($11, revenue_is_percent),
    window_seconds     = coalesce($12, window_seconds),
    many_per_click     = coalesce($13, many_per_click)
WHERE account_id = $1 AND id = $2
