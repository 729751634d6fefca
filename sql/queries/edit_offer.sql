-- Changes an offer: account, id, then the new values, NULL for those that stay; $17 replaces the ceiling where $16.
UPDATE offers
SET advertiser_id      = coalesce($3::bigint, advertiser_id),
    name               = coalesce($4::text, name),
    destination        = coalesce($5::text, destination),
    status             = coalesce($6::text, status),
    currency           = coalesce($7::text, currency),
    payout             = coalesce($8::numeric, payout),
    payout_is_percent  = coalesce($9::boolean, payout_is_percent),
    revenue            = coalesce($10::numeric, revenue),
    revenue_is_percent = coalesce($11::boolean, revenue_is_percent),
    window_seconds     = coalesce($12::bigint, window_seconds),
    base_words         = coalesce($13::text[], base_words),
    ignored_params     = coalesce($14::text[], ignored_params),
    own_amounts        = coalesce($15::boolean, own_amounts),
    own_ceiling        = CASE WHEN $16::boolean THEN $17::numeric ELSE own_ceiling END
WHERE account_id = $1::bigint AND id = $2::bigint
