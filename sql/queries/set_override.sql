-- Gives a publisher its own terms for an offer: account, offer, publisher,
-- then payout and revenue, each NULL when it stays as it was.
INSERT INTO offer_overrides AS terms (
    account_id, offer_id, publisher_id, payout, payout_is_percent, revenue, revenue_is_percent
) VALUES ($1, $2, $3, $4, coalesce($5, false), $6, coalesce($7, false))
ON CONFLICT (account_id, offer_id, publisher_id) DO UPDATE
SET payout             = coalesce($4, terms.payout),
    payout_is_percent  = coalesce($5, terms.payout_is_percent),
    revenue            = coalesce($6, terms.revenue),
    revenue_is_percent = coalesce($7, terms.revenue_is_percent)
