-- Sets a publisher's own terms for an offer. NULL does not change the payout or the revenue.
INSERT INTO offer_overrides AS terms (
    account_id, offer_id, publisher_id, payout, payout_is_percent, revenue, revenue_is_percent
) VALUES (
    :account_id::bigint, :offer_id::bigint, :publisher_id::bigint, :payout::numeric, coalesce(:payout_is_percent::boolean, false),
    :revenue::numeric, coalesce(:revenue_is_percent::boolean, false)
)
ON CONFLICT (account_id, offer_id, publisher_id) DO UPDATE
SET payout             = coalesce(:payout::numeric, terms.payout),
    payout_is_percent  = coalesce(:payout_is_percent::boolean, terms.payout_is_percent),
    revenue            = coalesce(:revenue::numeric, terms.revenue),
    revenue_is_percent = coalesce(:revenue_is_percent::boolean, terms.revenue_is_percent)
