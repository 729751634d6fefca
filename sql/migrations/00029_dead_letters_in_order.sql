-- +goose NO TRANSACTION

-- +goose Up

-- Dead letters of all states in the order in which pages list them. Among many that are resolved,
-- dead_letters_unsettled goes on to find the few that are not.
CREATE INDEX CONCURRENTLY IF NOT EXISTS dead_letters_in_order ON dead_letters (died_at, id);

-- +goose Down
DROP INDEX dead_letters_in_order;
