-- Adds an offer and returns its id. When the account has no such advertiser, it returns no row, and uses up no id.
INSERT INTO offers (
    account_id, advertiser_id, name, destination, status, currency,
    payout, payout_is_percent, revenue, revenue_is_percent, window_seconds, many_per_click, base_words, ignored_params,
    own_amounts, own_ceiling
)
SELECT
    account_id, id, :name::text, :destination::text, :status::text, :currency::text, :payout::numeric,
    :payout_is_percent::boolean, :revenue::numeric, :revenue_is_percent::boolean, :window_seconds::bigint,
    :many_per_click::boolean, :base_words::text[], :ignored_params::text[], :own_amounts::boolean,
    :own_ceiling::numeric
FROM advertisers
WHERE account_id = :account_id::bigint AND id = :advertiser_id::bigint
FOR KEY SHARE
RETURNING id
