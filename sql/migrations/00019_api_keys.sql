-- +goose Up

-- The keys of the HTTP API. Of a key only its SHA-256 is kept, and prefix, which are its
-- first characters, so that a person knows which it is. A key without an account is an
-- operator's, and opens all accounts. The foreign key locks accounts: it waits one second
-- at a time for that, so that others never queue behind it for longer.
-- +goose StatementBegin
DO $$
BEGIN
    FOR try IN 1..60 LOOP
        PERFORM set_config('lock_timeout', '1s', true);
        BEGIN
            CREATE TABLE api_keys (
                id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                account_id   bigint REFERENCES accounts,
                role         text NOT NULL CHECK (role IN ('read', 'operate', 'admin')),
                name         text NOT NULL,
                prefix       text NOT NULL,
                digest       bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
                created_at   timestamptz NOT NULL DEFAULT now(),
                last_used_at timestamptz,
                revoked_at   timestamptz
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

-- +goose Down
DROP TABLE api_keys;
