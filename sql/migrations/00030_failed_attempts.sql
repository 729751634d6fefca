-- The attempts at hits that failed and were followed by another one: what a hit that has no row yet waits for, and why
-- one was late. One row an attempt, kept for a month.

-- +goose Up
CREATE TABLE failed_attempts (
    hit_id         uuid NOT NULL,
    transaction_id uuid,
    account_id     bigint NOT NULL,
    kind           text NOT NULL,
    topic          text NOT NULL,
    attempt        integer NOT NULL,
    error          text NOT NULL,
    failed_at      timestamptz NOT NULL,
    next_at        timestamptz NOT NULL
);
CREATE INDEX failed_attempts_hit ON failed_attempts (hit_id);
CREATE INDEX failed_attempts_transaction ON failed_attempts (transaction_id) WHERE transaction_id IS NOT NULL;
CREATE INDEX failed_attempts_at ON failed_attempts (failed_at);

-- +goose Down
DROP TABLE failed_attempts;
