-- The IANA name of the zone whose days the reports of an account have; one without a row has UTC. It has a table of its
-- own, because processes of an older version read accounts with all their columns. No account is ever deleted.

-- +goose Up
CREATE TABLE account_time_zones (
    account_id bigint PRIMARY KEY,
    time_zone  text NOT NULL
);

-- +goose Down
DROP TABLE account_time_zones;
