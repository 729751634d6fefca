-- +goose Up

-- How long what is kept is kept, in seconds; 0 keeps it for ever. The names
-- are those of store.RetentionName.
CREATE TABLE retention (
    name       text PRIMARY KEY,
    seconds    bigint NOT NULL CHECK (seconds >= 0),
    changed_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO retention (name, seconds) VALUES
    ('hits', 0),
    ('closed_dead_letters', 90 * 86400),
    ('unknown_token_dead_letters', 30 * 86400);

-- The days of clicks and of hits that retention has dropped, or is about to
-- drop while dropped_at is NULL. The row is there before the first step.
CREATE TABLE dropped_days (
    parent     text NOT NULL CHECK (parent IN ('clicks', 'hits')),
    day        date NOT NULL,
    begun_at   timestamptz NOT NULL DEFAULT now(),
    dropped_at timestamptz,
    PRIMARY KEY (parent, day)
);

-- +goose Down
DROP TABLE dropped_days, retention;
