-- +goose Up

-- The requests that created an object, by the name that their sender gave them: sent again, such a request creates
-- nothing. key and request are SHA-256s. Rows are kept for a day.
CREATE TABLE creations (
    account_id bigint NOT NULL,
    key        bytea NOT NULL,
    request    bytea NOT NULL,
    object_id  bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, key)
);
CREATE INDEX creations_by_time ON creations (created_at);

-- +goose Down
DROP TABLE creations;
