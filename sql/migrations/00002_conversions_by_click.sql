-- +goose Up

-- dedup_key begins with the time of the click's id, and its index finds the
-- conversions of a click through the few of the same millisecond. An index of
-- their own was a twelfth of what a conversion cost.
DROP INDEX conversions_transaction;

-- +goose Down
CREATE INDEX conversions_transaction ON conversions (transaction_id) WHERE transaction_id IS NOT NULL;
