-- +goose Up

-- Who changed what of the reference data, and who acted on dead letters. The transaction of a change adds its row. Rows
-- are only ever added, and kept for ever. old_values and new_values hold the fields that changed, as --json shows them,
-- and never a secret.
CREATE TABLE history (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(), -- not the transaction's: the lock of changes orders them
    actor      text NOT NULL,
    account_id bigint NOT NULL, -- 0 for what belongs to no account
    noun       text NOT NULL,
    object_id  text NOT NULL,
    act        text NOT NULL,
    old_values jsonb NOT NULL,
    new_values jsonb NOT NULL
);
CREATE INDEX history_of_object ON history (noun, object_id, id);
CREATE INDEX history_of_account ON history (account_id, id);

-- +goose Down
DROP TABLE history;
