-- Gives a publisher its own terms for an offer: account, offer, publisher,
-- then payout and revenue, each NULL when it stays as it was.
INSERT INTO offer_overrides AS terms (
    account_id, offer_id, publisher_id, payout, payout_is_percent, revenue, revenue_is_percent
) VALUES ($1::bigint, $2::bigint, $3::bigint, $4::numeric, coalesce($5::boolean, false), $6::numeric, coalesce($7::boolean, false))
ON CONFLICT (account_id, offer_id, publisher_id) DO UPDATE
SET payout             = coalesce($4::numeric, terms.payout),
    payout_is_percent  = coalesce($5::boolean, terms.payout_is_percent),
    revenue            = coalesce($6::numeric, terms.revenue),
    revenue_is_percent = coalesce($7::boolean, terms.revenue_is_percent)
