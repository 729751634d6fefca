-- +goose NO TRANSACTION

-- What happened to each dead letter, and who did it. Rows are only ever added;
-- they go with their letter. What letters there are already is turned into
-- events in steps of ten thousand; deaths before the last were not kept.
--
-- If it is interrupted, it can be run again: each step leaves out what is done.

-- +goose Up
CREATE TABLE IF NOT EXISTS dead_letter_events (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    letter_id       uuid NOT NULL,
    at              timestamptz NOT NULL DEFAULT clock_timestamp(), -- not the transaction's: the letter's lock orders them
    event           text NOT NULL CHECK (event IN ('died', 'copy_died', 'replayed', 'discarded', 'undone', 'resolved', 'moved')),
    -- The command that did it, by whom, and what he noted: empty for what a worker did.
    act             uuid,
    actor           text NOT NULL DEFAULT '',
    note            text NOT NULL DEFAULT '',
    -- What the hit had come to by then.
    account_id      bigint NOT NULL,
    from_account_id bigint,
    outcome         text NOT NULL DEFAULT '',
    reason          text NOT NULL DEFAULT '',
    error           text NOT NULL DEFAULT '',
    attempts        integer NOT NULL DEFAULT 0
);
CREATE INDEX CONCURRENTLY IF NOT EXISTS dead_letter_events_of_letter ON dead_letter_events (letter_id, at, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS dead_letter_events_of_act ON dead_letter_events (act) WHERE act IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS dead_letter_events_discarded ON dead_letter_events (id) WHERE event = 'discarded';

-- +goose StatementBegin
CREATE OR REPLACE PROCEDURE tell_dead_letters() LANGUAGE plpgsql AS $$
DECLARE
    from_id uuid := '00000000-0000-0000-0000-000000000000';
    last_id uuid;
BEGIN
    LOOP
        SELECT id INTO last_id
        FROM (SELECT id FROM dead_letters WHERE id > from_id ORDER BY id LIMIT 10000) AS step
        ORDER BY id DESC LIMIT 1;
        EXIT WHEN last_id IS NULL;
        INSERT INTO dead_letter_events (letter_id, at, event, note, account_id, outcome, reason, error)
        SELECT d.id, e.at, e.event, e.note, d.account_id, e.outcome, e.reason, e.error
        FROM dead_letters d CROSS JOIN LATERAL (VALUES
            (died_at, 'died', CASE WHEN deaths > 1 THEN format('death %s; those before it were not kept', deaths) ELSE '' END,
                outcome, reason, error),
            (status_at, status, '', '', '', '')
        ) AS e (at, event, note, outcome, reason, error)
        WHERE d.id > from_id AND d.id <= last_id AND e.event <> 'open'
          AND NOT EXISTS (SELECT FROM dead_letter_events t WHERE t.letter_id = d.id)
        ORDER BY d.id, e.at;
        COMMIT;
        from_id := last_id;
    END LOOP;
END $$;
-- +goose StatementEnd
CALL tell_dead_letters();
DROP PROCEDURE tell_dead_letters;

-- From here on events are deleted with their letter. Of letters that were
-- deleted during the steps above they are deleted now.
-- +goose StatementBegin
DO $$
BEGIN
    FOR try IN 1..60 LOOP
        PERFORM set_config('lock_timeout', '1s', true);
        BEGIN
            ALTER TABLE dead_letter_events DROP CONSTRAINT IF EXISTS dead_letter_events_letter;
            ALTER TABLE dead_letter_events ADD CONSTRAINT dead_letter_events_letter
                FOREIGN KEY (letter_id) REFERENCES dead_letters (id) ON DELETE CASCADE NOT VALID;
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
DELETE FROM dead_letter_events e WHERE NOT EXISTS (SELECT FROM dead_letters d WHERE d.id = e.letter_id);
ALTER TABLE dead_letter_events VALIDATE CONSTRAINT dead_letter_events_letter;

-- What dead list shows unless told otherwise, and what was replayed long ago.
CREATE INDEX CONCURRENTLY IF NOT EXISTS dead_letters_unsettled ON dead_letters (died_at, id) WHERE status IN ('open', 'replayed');
CREATE INDEX CONCURRENTLY IF NOT EXISTS dead_letters_replayed ON dead_letters (status_at) WHERE status = 'replayed';
DROP INDEX CONCURRENTLY IF EXISTS dead_letters_open;

-- +goose Down
CREATE INDEX dead_letters_open ON dead_letters (died_at) WHERE status = 'open';
DROP INDEX dead_letters_replayed;
DROP INDEX dead_letters_unsettled;
DROP TABLE dead_letter_events;
