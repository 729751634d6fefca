-- +goose Up

-- The people who log in to the console. Of a password only its bcrypt hash is kept, and of sessions and log-in links the
-- SHA-256 of what the browser sends. A user without an account sees all accounts. The foreign key locks accounts: it
-- waits one second at a time for that, so that others never queue behind it for longer.
-- +goose StatementBegin
DO $$
BEGIN
    FOR try IN 1..60 LOOP
        PERFORM set_config('lock_timeout', '1s', true);
        BEGIN
            CREATE TABLE users (
                id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                name            text NOT NULL UNIQUE,
                role            text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
                account_id      bigint REFERENCES accounts,
                password_hash   text NOT NULL,
                password_set_at timestamptz NOT NULL DEFAULT now(),
                created_at      timestamptz NOT NULL DEFAULT now(),
                disabled_at     timestamptz
            );
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF try = 60 THEN
                RAISE;
            END IF;
        END;
        PERFORM pg_sleep(1);
    END LOOP;
END $$;
-- +goose StatementEnd

CREATE TABLE user_sessions (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id      bigint NOT NULL REFERENCES users,
    digest       bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    address      text NOT NULL,
    user_agent   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz
);
CREATE INDEX user_sessions_of_user ON user_sessions (user_id, id);

-- Links that log in once. A link is deleted when it is used.
CREATE TABLE user_links (
    digest     bytea PRIMARY KEY CHECK (length(digest) = 32),
    user_id    bigint NOT NULL REFERENCES users,
    expires_at timestamptz NOT NULL
);

-- +goose Down
DROP TABLE user_links;
DROP TABLE user_sessions;
DROP TABLE users;
