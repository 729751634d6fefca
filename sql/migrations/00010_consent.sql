-- +goose Up

-- What an offer's senders mean by events and statuses: words that say "an approved
-- base conversion" beside the usual ones, in lower case, and parameters (their
-- letters and digits, in lower case) that say nothing about the conversion. It waits
-- one second at a time for its lock, so that others never queue behind it for longer.
-- +goose StatementBegin
DO $$
BEGIN
    FOR try IN 1..60 LOOP
        PERFORM set_config('lock_timeout', '1s', true);
        BEGIN
            ALTER TABLE offers ADD COLUMN base_words text[] NOT NULL DEFAULT '{}',
                ADD COLUMN ignored_params text[] NOT NULL DEFAULT '{}';
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
ALTER TABLE offers DROP COLUMN base_words, DROP COLUMN ignored_params;
