-- +goose Up

-- A token may have a purpose, the only way in that it serves; without one it
-- serves every way, as all tokens did until now. Generations are counted for each
-- purpose. own_amounts lets the amounts of clickless hits count with every token,
-- and own_ceiling is the largest that counts. It waits one second at a time for
-- its locks, so that others never queue behind it for longer.
-- +goose StatementBegin
DO $$
BEGIN
    FOR try IN 1..60 LOOP
        PERFORM set_config('lock_timeout', '1s', true);
        BEGIN
            ALTER TABLE tokens ADD COLUMN purpose text NOT NULL DEFAULT ''
                CHECK (purpose IN ('', 'postback', 'pixel', 'clickless'));
            DROP INDEX tokens_generation;
            CREATE UNIQUE INDEX tokens_generation ON tokens (account_id, coalesce(offer_id, 0), purpose, generation)
                WHERE generation IS NOT NULL;
            ALTER TABLE offers
                ADD COLUMN own_amounts boolean NOT NULL DEFAULT false,
                ADD COLUMN own_ceiling numeric(18,6) CHECK (own_ceiling >= 0);
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
ALTER TABLE offers DROP COLUMN own_amounts, DROP COLUMN own_ceiling;
-- Without its purpose such a token would serve every way in.
DELETE FROM tokens WHERE purpose <> '';
DROP INDEX tokens_generation;
ALTER TABLE tokens DROP COLUMN purpose;
CREATE UNIQUE INDEX tokens_generation ON tokens (account_id, coalesce(offer_id, 0), generation)
    WHERE generation IS NOT NULL;
