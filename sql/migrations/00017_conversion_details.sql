-- +goose Up

-- What reports and disputes need of a conversion, in its own row, so that it outlives the
-- clicks and hits: the device, what the buyer paid, and where, with what and when the
-- visitor clicked. A click keeps its address and user agent for the conversions that it
-- leads to. Rows that are there already have none of these. Each waits one second at a time
-- for its lock, so that others never queue behind it for longer.
-- +goose StatementBegin
DO $$
BEGIN
    FOR try IN 1..60 LOOP
        PERFORM set_config('lock_timeout', '1s', true);
        BEGIN
            ALTER TABLE clicks ADD COLUMN client_ip inet, ADD COLUMN user_agent text;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF try = 60 THEN
                RAISE;
            END IF;
        END;
        PERFORM pg_sleep(1);
    END LOOP;
    FOR try IN 1..60 LOOP
        BEGIN
            ALTER TABLE conversions
                ADD COLUMN device_id text,
                ADD COLUMN purchase_value numeric(18,6),
                ADD COLUMN clicked_at timestamptz,
                ADD COLUMN click_ip inet,
                ADD COLUMN click_user_agent text;
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
ALTER TABLE conversions DROP COLUMN device_id, DROP COLUMN purchase_value, DROP COLUMN clicked_at,
    DROP COLUMN click_ip, DROP COLUMN click_user_agent;
ALTER TABLE clicks DROP COLUMN client_ip, DROP COLUMN user_agent;
