-- +goose Up

-- Clicks by known link previews and crawlers, which reports do not count. It waits
-- one second at a time for its lock, so that others never queue behind it for longer.
-- +goose StatementBegin
DO $$
BEGIN
    FOR try IN 1..60 LOOP
        PERFORM set_config('lock_timeout', '1s', true);
        BEGIN
            ALTER TABLE clicks ADD COLUMN bot boolean NOT NULL DEFAULT false;
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
ALTER TABLE clicks DROP COLUMN bot;
