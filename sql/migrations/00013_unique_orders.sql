-- +goose Up

-- Orders of offers that pay an order_id once. key is a hash of the offer and the
-- order_id, and conversion_id the conversion that has the order. Nothing deletes
-- conversions, so that rows stay.
CREATE TABLE unique_orders (
    key           uuid PRIMARY KEY,
    conversion_id uuid NOT NULL
);

-- Offers whose conversions take their orders.
--   filling: they do, but do not lose yet, because orders of earlier conversions
--            may still be missing; began is the version with which it began;
--   on:      an order that is taken makes a duplicate;
--   off:     likewise for what was clicked, or received without a click, before
--            ended_at. Later conversions still take their orders, so that none is
--            missing when the offer is switched on again.
CREATE TABLE unique_order_offers (
    account_id bigint NOT NULL,
    offer_id   bigint NOT NULL,
    state      text NOT NULL CHECK (state IN ('filling', 'on', 'off')),
    began      bigint NOT NULL,
    ended_at   timestamptz CHECK ((ended_at IS NOT NULL) = (state = 'off')),
    PRIMARY KEY (account_id, offer_id),
    FOREIGN KEY (account_id, offer_id) REFERENCES offers (account_id, id)
);

-- Counts the changes of unique_order_offers, so that who writes conversions sees in
-- one look whether it knows the newest. One row.
CREATE TABLE unique_orders_version (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    version bigint NOT NULL
);
INSERT INTO unique_orders_version (version) VALUES (0);

-- +goose Down
DROP TABLE unique_orders_version, unique_order_offers, unique_orders;
