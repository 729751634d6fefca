-- +goose Up

-- By what integr8 find finds hits: for each value of the request the first 8 bytes of its
-- SHA-256, written with the hit. Hits that are there already have none. It waits one
-- second at a time for its lock, so that others never queue behind it for longer.
-- +goose StatementBegin
DO $$
BEGIN
    FOR try IN 1..60 LOOP
        PERFORM set_config('lock_timeout', '1s', true);
        BEGIN
            ALTER TABLE hits
                ADD COLUMN IF NOT EXISTS find_ip bigint,
                ADD COLUMN IF NOT EXISTS find_conversion_ip bigint,
                ADD COLUMN IF NOT EXISTS find_order bigint,
                ADD COLUMN IF NOT EXISTS find_external bigint,
                ADD COLUMN IF NOT EXISTS find_sub bigint,
                ADD COLUMN IF NOT EXISTS find_device bigint,
                ADD COLUMN IF NOT EXISTS find_token bigint,
                ADD COLUMN IF NOT EXISTS find_email bigint;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF try = 60 THEN
                RAISE;
            END IF;
        END;
        PERFORM pg_sleep(1);
    END LOOP;
END $$;

-- The statement that makes the index of a day of hits; NULL before Postgres 14, which has
-- no such operator class. For each 256 kB of hits the index holds a Bloom filter of each
-- column: a hundredth of the size of the hits, and for an insert next to nothing. Its
-- size is bounded by the numbers here, so that no row of it outgrows a page. Days get their
-- index when they are made ahead; those that exist, from yesterday on, after the migrations.
CREATE FUNCTION find_index(day text, how text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('CREATE INDEX %s %I ON %I USING brin (received_at,
        find_ip int8_bloom_ops (n_distinct_per_range = 400), find_order int8_bloom_ops (n_distinct_per_range = 400),
        find_sub int8_bloom_ops (n_distinct_per_range = 400), find_device int8_bloom_ops (n_distinct_per_range = 400),
        find_external int8_bloom_ops (n_distinct_per_range = 400), find_token int8_bloom_ops (n_distinct_per_range = 100),
        find_conversion_ip int8_bloom_ops (n_distinct_per_range = 200), find_email int8_bloom_ops (n_distinct_per_range = 100))
        WITH (pages_per_range = 32, autosummarize = on)', how, day || '_find', day)
    WHERE EXISTS (SELECT FROM pg_opclass WHERE opcname = 'int8_bloom_ops')
$$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION find_index;
ALTER TABLE hits DROP COLUMN find_ip, DROP COLUMN find_conversion_ip, DROP COLUMN find_order, DROP COLUMN find_external,
    DROP COLUMN find_sub, DROP COLUMN find_device, DROP COLUMN find_token, DROP COLUMN find_email;
