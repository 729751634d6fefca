-- +goose NO TRANSACTION

-- A note is an event of a dead letter, and an act that a job carries out. paused_queues holds the topics that no worker
-- takes, by whom, since when and why: one row a paused topic. The checks of rows that are there already are looked at
-- behind the exchange, so that the lock on the tables is short; each try waits a second for it.
--
-- If it is interrupted, it can be run again.

-- +goose Up
CREATE TABLE IF NOT EXISTS paused_queues (
    topic     text PRIMARY KEY,
    actor     text NOT NULL,
    reason    text NOT NULL,
    paused_at timestamptz NOT NULL DEFAULT now()
);

-- +goose StatementBegin
DO $$
BEGIN
    FOR try IN 1..60 LOOP
        PERFORM set_config('lock_timeout', '1s', true);
        BEGIN
            ALTER TABLE dead_letter_events
                DROP CONSTRAINT IF EXISTS dead_letter_events_event_check,
                ADD CONSTRAINT dead_letter_events_event_check
                CHECK (event IN ('died', 'copy_died', 'replayed', 'discarded', 'undone', 'resolved', 'moved', 'noted')) NOT VALID;
            ALTER TABLE jobs
                DROP CONSTRAINT IF EXISTS jobs_act_check,
                ADD CONSTRAINT jobs_act_check CHECK (act IN ('replay', 'discard', 'undo', 'note')) NOT VALID;
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
ALTER TABLE dead_letter_events VALIDATE CONSTRAINT dead_letter_events_event_check;
ALTER TABLE jobs VALIDATE CONSTRAINT jobs_act_check;

-- +goose Down
DELETE FROM jobs WHERE act = 'note';
ALTER TABLE jobs DROP CONSTRAINT jobs_act_check, ADD CONSTRAINT jobs_act_check CHECK (act IN ('replay', 'discard', 'undo'));
DELETE FROM dead_letter_events WHERE event = 'noted';
ALTER TABLE dead_letter_events DROP CONSTRAINT dead_letter_events_event_check,
    ADD CONSTRAINT dead_letter_events_event_check
    CHECK (event IN ('died', 'copy_died', 'replayed', 'discarded', 'undone', 'resolved', 'moved'));
DROP TABLE paused_queues;
