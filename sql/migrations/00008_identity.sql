-- +goose Up

-- The rules of identity that replaced an offer's first ones, which stand in
-- offers: those of a row are in force for clicks from since until the next row's.
-- Rows are only ever added, and since lies a minute ahead when one is, so that
-- every process knows it by then.
CREATE TABLE offer_identity (
    account_id     bigint NOT NULL,
    offer_id       bigint NOT NULL,
    since          timestamptz NOT NULL,
    many_per_click boolean NOT NULL,
    PRIMARY KEY (account_id, offer_id, since),
    FOREIGN KEY (account_id, offer_id) REFERENCES offers (account_id, id)
);
COMMENT ON COLUMN offers.many_per_click IS 'The rule of the offer''s first clicks; offer_identity holds those that replaced it.';

-- The database's time at which a click was recorded; of those that are there, that
-- of this statement, which reads no row. It waits one second at a time for its lock,
-- so that others never queue behind it for longer.
-- +goose StatementBegin
DO $$
BEGIN
    FOR try IN 1..60 LOOP
        PERFORM set_config('lock_timeout', '1s', true);
        BEGIN
            ALTER TABLE clicks ADD COLUMN recorded_at timestamptz NOT NULL DEFAULT now();
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
ALTER TABLE clicks DROP COLUMN recorded_at;
COMMENT ON COLUMN offers.many_per_click IS NULL;
UPDATE offers SET many_per_click = newest.many_per_click
FROM (
    SELECT DISTINCT ON (account_id, offer_id) account_id, offer_id, many_per_click
    FROM offer_identity ORDER BY account_id, offer_id, since DESC
) AS newest
WHERE newest.account_id = offers.account_id AND newest.offer_id = offers.id;
DROP TABLE offer_identity;
