-- Offers with their overrides: of an account (0: of all), with an id (0: all).
SELECT offers.*, (
    SELECT coalesce(json_agg(terms ORDER BY terms.publisher_id), '[]')
    FROM offer_overrides AS terms
    WHERE terms.account_id = offers.account_id AND terms.offer_id = offers.id
) AS overrides
FROM offers
WHERE ($1::bigint = 0 OR account_id = $1::bigint) AND ($2::bigint = 0 OR id = $2::bigint)
ORDER BY id
