-- +goose NO TRANSACTION

-- A hit has one row and at most one dead letter, and a conversion is unique by
-- its id and by its key, whatever account they are under. Until now the account
-- was part of these keys, so that a hit could have a row under account 0, from
-- when its token was not known, and one under its own.
--
-- What it costs on large tables: one pass over the rows of hits, and one new
-- index for each partition of hits and for conversions and dead_letters (about
-- a second a million rows), built beside the old one, which takes disk space for
-- both until the exchange. A partition of hits takes no writes while its own
-- index is built; conversions and dead_letters take writes throughout. The
-- exchange changes the catalog only, and waits one second at a time for its
-- lock, so that others never queue behind it for longer.
--
-- If it is interrupted, it can be run again: each step leaves out what is done.

-- +goose Up

-- Of the rows of one hit, the one with a final outcome stays, else the one
-- whose account is known, else the newest. A dead letter goes with its row.
-- +goose StatementBegin
CREATE OR REPLACE PROCEDURE make_hits_unique(part regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($q$
        WITH removed AS (
            DELETE FROM %s WHERE ctid IN (
                SELECT ctid FROM (
                    SELECT ctid, row_number() OVER (PARTITION BY id ORDER BY
                        outcome IN ('recorded', 'converted', 'duplicate') DESC, account_id <> 0 DESC, decided_at DESC) AS place
                    FROM %s
                    WHERE id IN (SELECT id FROM %s GROUP BY id HAVING count(*) > 1)
                ) AS ranked
                WHERE place > 1
            )
            RETURNING id, account_id
        )
        DELETE FROM dead_letters USING removed
        WHERE dead_letters.id = removed.id AND dead_letters.account_id = removed.account_id$q$, part, part, part);
END $$;
-- +goose StatementEnd

-- Prepares each partition in a transaction of its own.
-- +goose StatementBegin
CREATE OR REPLACE PROCEDURE prepare_unique_hits() LANGUAGE plpgsql AS $$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT relid AS id, relid::text AS name
        FROM (SELECT inhrelid::regclass AS relid FROM pg_inherits WHERE inhparent = 'hits'::regclass) AS parts
        ORDER BY name
    LOOP
        FOR try IN 1..60 LOOP
            PERFORM set_config('lock_timeout', '1s', true);
            BEGIN
                IF to_regclass(part.name) IS NULL OR to_regclass(part.name || '_by_id') IS NOT NULL THEN
                    EXIT; -- dropped meanwhile, or done by an earlier run
                END IF;
                EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', part.name);
                CALL make_hits_unique(part.id);
                EXECUTE format('CREATE UNIQUE INDEX %I ON %s (id)', part.name || '_by_id', part.name);
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

CALL prepare_unique_hits();

-- Exchanges the primary key. A partition that was made meanwhile gets its index
-- here; it is one of the days ahead, and as good as empty.
-- +goose StatementBegin
DO $$
DECLARE
    part record;
BEGIN
    FOR try IN 1..60 LOOP
        PERFORM set_config('lock_timeout', '1s', true);
        BEGIN
            LOCK TABLE hits IN ACCESS EXCLUSIVE MODE;
            FOR part IN
                SELECT relid::text AS name, relid AS id
                FROM (SELECT inhrelid::regclass AS relid FROM pg_inherits WHERE inhparent = 'hits'::regclass) AS parts
                WHERE to_regclass(relid::text || '_by_id') IS NULL
            LOOP
                CALL make_hits_unique(part.id);
            END LOOP;
            ALTER TABLE hits DROP CONSTRAINT hits_pkey;
            FOR part IN
                SELECT relid::text AS name
                FROM (SELECT inhrelid::regclass AS relid FROM pg_inherits WHERE inhparent = 'hits'::regclass) AS parts
                WHERE to_regclass(relid::text || '_by_id') IS NOT NULL
            LOOP
                EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I PRIMARY KEY USING INDEX %I',
                    part.name, part.name || '_pkey', part.name || '_by_id');
            END LOOP;
            ALTER TABLE hits ADD CONSTRAINT hits_pkey PRIMARY KEY (id);
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

DROP PROCEDURE prepare_unique_hits;
DROP PROCEDURE make_hits_unique;

-- Of the dead letters that no row of hits tells apart, the one whose account is
-- known stays, else the newest.
DELETE FROM dead_letters WHERE ctid IN (
    SELECT ctid FROM (
        SELECT ctid, row_number() OVER (PARTITION BY id ORDER BY account_id <> 0 DESC, died_at DESC) AS place
        FROM dead_letters
        WHERE id IN (SELECT id FROM dead_letters GROUP BY id HAVING count(*) > 1)
    ) AS ranked
    WHERE place > 1
);

DROP INDEX CONCURRENTLY IF EXISTS dead_letters_by_id;
CREATE UNIQUE INDEX CONCURRENTLY dead_letters_by_id ON dead_letters (id);
DROP INDEX CONCURRENTLY IF EXISTS conversions_by_id;
CREATE UNIQUE INDEX CONCURRENTLY conversions_by_id ON conversions (id);
DROP INDEX CONCURRENTLY IF EXISTS conversions_by_key;
CREATE UNIQUE INDEX CONCURRENTLY conversions_by_key ON conversions (dedup_key);

-- +goose StatementBegin
DO $$
BEGIN
    FOR try IN 1..60 LOOP
        PERFORM set_config('lock_timeout', '1s', true);
        BEGIN
            ALTER TABLE dead_letters
                DROP CONSTRAINT dead_letters_pkey,
                ADD CONSTRAINT dead_letters_pkey PRIMARY KEY USING INDEX dead_letters_by_id;
            ALTER TABLE conversions
                DROP CONSTRAINT conversions_pkey,
                DROP CONSTRAINT IF EXISTS conversions_dedup_key_account_id_key,
                DROP CONSTRAINT IF EXISTS conversions_dedup_key_key,
                ADD CONSTRAINT conversions_pkey PRIMARY KEY USING INDEX conversions_by_id,
                ADD CONSTRAINT conversions_dedup_key_key UNIQUE USING INDEX conversions_by_key;
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
ALTER TABLE conversions DROP CONSTRAINT conversions_pkey, DROP CONSTRAINT conversions_dedup_key_key,
    ADD PRIMARY KEY (id, account_id), ADD UNIQUE (dedup_key, account_id);
ALTER TABLE dead_letters DROP CONSTRAINT dead_letters_pkey, ADD PRIMARY KEY (id, account_id);
ALTER TABLE hits DROP CONSTRAINT hits_pkey, ADD PRIMARY KEY (id, account_id);
