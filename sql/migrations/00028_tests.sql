-- +goose NO TRANSACTION

-- Hits that people fire to try what they have set up: no report counts them. The column changes no row. Each table gets
-- it in a transaction of its own, because those that decide hits lock several of these tables, and waits one second at a
-- time for its lock, so that others never queue behind it for longer.
--
-- If it is interrupted, it can be run again.

-- +goose Up
-- +goose StatementBegin
DO $$
DECLARE
    changed text;
BEGIN
    FOREACH changed IN ARRAY ARRAY['conversions', 'clicks', 'hits', 'dead_letters'] LOOP
        FOR try IN 1..60 LOOP
            PERFORM set_config('lock_timeout', '1s', true);
            BEGIN
                EXECUTE format('ALTER TABLE %I ADD COLUMN IF NOT EXISTS test boolean NOT NULL DEFAULT false', changed);
                EXIT;
            EXCEPTION WHEN lock_not_available THEN
                IF try = 60 THEN
                    RAISE;
                END IF;
            END;
            PERFORM pg_sleep(1);
        END LOOP;
        COMMIT;
    END LOOP;
END $$;
-- +goose StatementEnd

-- +goose Down
ALTER TABLE conversions DROP COLUMN test;
ALTER TABLE clicks DROP COLUMN test;
ALTER TABLE hits DROP COLUMN test;
ALTER TABLE dead_letters DROP COLUMN test;
