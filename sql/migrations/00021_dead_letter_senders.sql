-- +goose NO TRANSACTION

-- Who sent each dead letter: the digest of the token, the publisher, and the network of the client, /24 or /48. They are
-- in the payload too, of which a list of a million letters cannot read each. Of letters that there are already they are
-- taken from the payload, and the publisher from the hit where it still has a row, in steps of ten thousand.
--
-- If it is interrupted, it can be run again.

-- +goose Up
-- +goose StatementBegin
DO $$
BEGIN
    FOR try IN 1..60 LOOP
        PERFORM set_config('lock_timeout', '1s', true);
        BEGIN
            ALTER TABLE dead_letters
                ADD COLUMN IF NOT EXISTS token_digest bytea,
                ADD COLUMN IF NOT EXISTS publisher_id bigint,
                ADD COLUMN IF NOT EXISTS network cidr;
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

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION dead_letter_sender(payload bytea, OUT token_digest bytea, OUT publisher_id bigint, OUT network cidr)
LANGUAGE plpgsql AS $$
DECLARE
    request json;
    client  inet;
BEGIN
    request := convert_from(payload, 'UTF8')::json;
    token_digest := decode(request->>'token_digest', 'hex');
    publisher_id := (request->>'publisher_id')::bigint;
    client := (request->>'client_ip')::inet;
    network := network(set_masklen(client, CASE family(client) WHEN 4 THEN 24 ELSE 48 END));
EXCEPTION WHEN OTHERS THEN -- the rest of what holds no hit is not known
    RETURN;
END $$;

CREATE OR REPLACE PROCEDURE name_senders() LANGUAGE plpgsql AS $$
DECLARE
    from_id uuid := '00000000-0000-0000-0000-000000000000';
    last_id uuid;
BEGIN
    LOOP
        SELECT id INTO last_id
        FROM (SELECT id FROM dead_letters WHERE id > from_id ORDER BY id LIMIT 10000) AS step
        ORDER BY id DESC LIMIT 1;
        EXIT WHEN last_id IS NULL;
        -- Locked in the order of their ids, as workers and operators do.
        PERFORM FROM dead_letters WHERE id > from_id AND id <= last_id ORDER BY id FOR UPDATE;
        UPDATE dead_letters AS d SET
            token_digest = sender.token_digest,
            publisher_id = coalesce((SELECT h.publisher_id FROM hits h WHERE h.id = d.id LIMIT 1), sender.publisher_id),
            network = sender.network
        FROM dead_letters AS own CROSS JOIN LATERAL dead_letter_sender(own.payload) AS sender
        WHERE own.id > from_id AND own.id <= last_id AND d.id = own.id AND d.account_id = own.account_id
          AND own.token_digest IS NULL AND own.publisher_id IS NULL AND own.network IS NULL;
        COMMIT;
        from_id := last_id;
    END LOOP;
END $$;
-- +goose StatementEnd
CALL name_senders();
DROP PROCEDURE name_senders;
DROP FUNCTION dead_letter_sender;

-- +goose Down
ALTER TABLE dead_letters DROP COLUMN token_digest, DROP COLUMN publisher_id, DROP COLUMN network;
