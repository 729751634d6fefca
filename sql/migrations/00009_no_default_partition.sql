-- +goose Up

-- A default partition has to be locked against every reader whenever a day is
-- made, and Postgres detaches no partition CONCURRENTLY beside one. So there is
-- none any more: two partitions take the ids from before 2020 and from 2100 on,
-- and a day between that has no partition gets one when its first row comes.

-- Makes one partition if it is not there. The parent is locked first, in the
-- mode in which ATTACH PARTITION locks it: that holds up other changes of the
-- schema, and neither readers nor writers nor pg_dump. CREATE TABLE PARTITION OF
-- would lock the parent against all of them. Before its lock is released, a
-- partition can be seen and yet be unknown to sessions that insert: so whoever
-- finds one here has waited for that lock.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION ensure_partition(parent text, partition text, low uuid, high uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('LOCK TABLE ONLY %I IN SHARE UPDATE EXCLUSIVE MODE', parent);
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition, parent);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, partition, low, high);
    RETURN true;
END $$;

CREATE FUNCTION first_id(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

DO $$
DECLARE
    parent   text;
    key      text;
    day      timestamptz;
    first    timestamptz := '2020-01-01 00:00:00+00';
    last     timestamptz := '2100-01-01 00:00:00+00';
BEGIN
    FOREACH parent IN ARRAY ARRAY['clicks', 'hits'] LOOP
        key := CASE parent WHEN 'clicks' THEN 'transaction_id' ELSE 'id' END;
        EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', parent, parent || '_default');
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (MINVALUE) TO (%L)',
            parent || '_before_2020', parent, first_id(first));
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (MAXVALUE)',
            parent || '_from_2100', parent, first_id(last));
        FOR day IN EXECUTE format($days$
            SELECT DISTINCT date_trunc('day', to_timestamp(
                ('x' || replace(left(%I::text, 13), '-', ''))::bit(48)::bigint / 1000.0), 'UTC')
            FROM %I WHERE %I >= first_id($1) AND %I < first_id($2)$days$, key, parent || '_default', key, key)
            USING first, last
        LOOP
            PERFORM ensure_partition(parent, parent || to_char(day AT TIME ZONE 'UTC', '_YYYYMMDD'),
                first_id(day), first_id(day + interval '24 hours'));
        END LOOP;
        EXECUTE format('INSERT INTO %I SELECT * FROM %I', parent, parent || '_default');
        EXECUTE format('DROP TABLE %I', parent || '_default');
    END LOOP;
END $$;

DROP FUNCTION first_id;
-- +goose StatementEnd

-- +goose Down

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION ensure_partition(parent text, partition text, low uuid, high uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    key text := CASE parent WHEN 'clicks' THEN 'transaction_id' ELSE 'id' END;
BEGIN
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('integr8 partitions'));
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition, parent);
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_default');
    EXECUTE format('WITH moved AS (DELETE FROM %I WHERE %I >= %L AND %I < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
        parent || '_default', key, low, key, high, partition);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, partition, low, high);
    RETURN true;
END $$;

DO $$
DECLARE
    parent text;
    outer_partition text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['clicks', 'hits'] LOOP
        FOREACH outer_partition IN ARRAY ARRAY[parent || '_before_2020', parent || '_from_2100'] LOOP
            EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', parent, outer_partition);
        END LOOP;
        EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', parent || '_default', parent);
        FOREACH outer_partition IN ARRAY ARRAY[parent || '_before_2020', parent || '_from_2100'] LOOP
            EXECUTE format('INSERT INTO %I SELECT * FROM %I', parent, outer_partition);
            EXECUTE format('DROP TABLE %I', outer_partition);
        END LOOP;
    END LOOP;
END $$;
-- +goose StatementEnd
