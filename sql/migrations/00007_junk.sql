-- +goose NO TRANSACTION

-- +goose Up

-- Hits with an unknown token that came past the rate at which such are kept:
-- while they are open they are deleted after a day.
ALTER TABLE dead_letters ADD COLUMN IF NOT EXISTS surplus boolean NOT NULL DEFAULT false;

-- What retention deletes: see delete_dead_letters.sql.
CREATE INDEX CONCURRENTLY IF NOT EXISTS dead_letters_closed ON dead_letters (status_at) WHERE status <> 'open';
CREATE INDEX CONCURRENTLY IF NOT EXISTS dead_letters_unknown_token ON dead_letters (surplus, died_at)
    WHERE status = 'open' AND reason = 'unknown_token';

-- Leaks are told by token. Those counted before carry 0.
ALTER TABLE token_leaks ADD COLUMN IF NOT EXISTS token_id bigint NOT NULL DEFAULT 0;
ALTER TABLE token_leaks DROP CONSTRAINT IF EXISTS token_leaks_pkey;
ALTER TABLE token_leaks ADD CONSTRAINT token_leaks_pkey PRIMARY KEY (account_id, offer_id, publisher_id, token_id);

-- +goose Down
ALTER TABLE token_leaks DROP CONSTRAINT token_leaks_pkey;
DELETE FROM token_leaks WHERE token_id <> 0;
ALTER TABLE token_leaks DROP COLUMN token_id, ADD PRIMARY KEY (account_id, offer_id, publisher_id);
DROP INDEX dead_letters_unknown_token;
DROP INDEX dead_letters_closed;
ALTER TABLE dead_letters DROP COLUMN surplus;
