-- Changes an offer. NULL does not change a value; :own_ceiling replaces the ceiling when :replaces_ceiling is set.
UPDATE offers
SET advertiser_id      = coalesce(:advertiser_id::bigint, advertiser_id),
    name               = coalesce(:name::text, name),
    destination        = coalesce(:destination::text, destination),
    status             = coalesce(:status::text, status),
    currency           = coalesce(:currency::text, currency),
    payout             = coalesce(:payout::numeric, payout),
    payout_is_percent  = coalesce(:payout_is_percent::boolean, payout_is_percent),
    revenue            = coalesce(:revenue::numeric, revenue),
    revenue_is_percent = coalesce(:revenue_is_percent::boolean, revenue_is_percent),
    window_seconds     = coalesce(:window_seconds::bigint, window_seconds),
    base_words         = coalesce(:base_words::text[], base_words),
    ignored_params     = coalesce(:ignored_params::text[], ignored_params),
    own_amounts        = coalesce(:own_amounts::boolean, own_amounts),
    own_ceiling        = CASE WHEN :replaces_ceiling::boolean THEN :own_ceiling::numeric ELSE own_ceiling END
WHERE account_id = :account_id::bigint AND id = :id::bigint
