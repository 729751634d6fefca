-- +goose Up

-- The IANA name of the zone whose days the reports of an account have. The default makes the lock on accounts a short one,
-- without a look at its rows. It waits one second at a time for that lock, so that others never queue behind it for longer.
-- +goose StatementBegin
DO $$
BEGIN
    FOR try IN 1..60 LOOP
        PERFORM set_config('lock_timeout', '1s', true);
        BEGIN
            ALTER TABLE accounts ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC';
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
ALTER TABLE accounts DROP COLUMN time_zone;
