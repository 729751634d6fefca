-- +goose Up

-- Processes follow the changes of reference data by the rows of history. revision is another one after each change that has
-- none, such as one by hand: then they load everything. One row.
CREATE TABLE reference_revision (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    revision uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO reference_revision DEFAULT VALUES;

-- A transaction whose change is in the history has set integr8.recorded. The schema is named, because a restore sets an
-- empty search_path.
-- +goose StatementBegin
CREATE FUNCTION change_reference_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('integr8.recorded', true) IS DISTINCT FROM 'on' THEN
        EXECUTE format('UPDATE %I.reference_revision SET revision = gen_random_uuid()', TG_TABLE_SCHEMA);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- ALWAYS: also for a session that replicates or restores. It waits one second at a time for its locks, so that others
-- never queue behind it for longer.
-- +goose StatementBegin
DO $$
DECLARE
    changed text;
BEGIN
    FOR try IN 1..60 LOOP
        PERFORM set_config('lock_timeout', '1s', true);
        BEGIN
            FOREACH changed IN ARRAY ARRAY['publishers', 'offers', 'offer_overrides', 'offer_identity', 'domains', 'tokens'] LOOP
                EXECUTE format('CREATE TRIGGER revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %I
                    FOR EACH STATEMENT EXECUTE FUNCTION change_reference_revision()', changed);
                EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER revision', changed);
            END LOOP;
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
DROP FUNCTION change_reference_revision CASCADE;
DROP TABLE reference_revision;
