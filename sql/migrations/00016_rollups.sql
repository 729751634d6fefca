-- +goose Up

-- Sums of hits by time, for reports and charts. They are additive: any number of rows may exist for the same key, and
-- the sum over all of them counts. So nothing is ever updated, and no writer waits for another.
--
-- A hit moves through three tables, and is in exactly one of them that a reader counts:
--   rollup_deltas   what the transactions that decide hits have added, by minute. Without an index.
--   rollup_minutes  the same, summed up once a minute. Kept for two days.
--   rollups         the hours before rollup_state.folded_until, by quarter hour.
-- rollup_months repeats sums of rollups, by day.
-- offer_id and publisher_id are 0 where none is known, currency is '' where nothing was paid.

-- +goose StatementBegin
CREATE TABLE rollup_deltas (
    minute       timestamptz NOT NULL,
    account_id   bigint NOT NULL,
    offer_id     bigint NOT NULL,
    publisher_id bigint NOT NULL,
    kind         text NOT NULL,
    outcome      text NOT NULL,
    reason       text NOT NULL,
    currency     text NOT NULL,
    hits         bigint NOT NULL,
    bots         bigint NOT NULL,
    revenue      numeric NOT NULL,
    payout       numeric NOT NULL
) WITH (
    -- Each row lives for about a minute.
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0,
    -- To shorten the file, VACUUM locks out every writer.
    vacuum_truncate = false
);

CREATE TABLE rollup_minutes (LIKE rollup_deltas);
CREATE INDEX rollup_minutes_minute ON rollup_minutes (minute);

-- The quarter hours of a day of UTC, as arrays that correspond: slots holds the quarter hours with hits (0 to 95),
-- ascending, and each other array the sum from the begin of the day to the end of that quarter hour. So a span of the
-- day is the difference of two elements. bots, revenue and payout are NULL where they are 0 throughout.
CREATE TABLE rollups (
    day          date NOT NULL,
    -- Which ids the row is summed over, so that a report by offer reads no publishers: 0 none, 1 publishers,
    -- 2 offers, 3 both; such an id is 0.
    grain        smallint NOT NULL,
    -- Whether the row is of the whole day and not of an hour or of a late correction.
    whole        boolean NOT NULL,
    account_id   bigint NOT NULL,
    offer_id     bigint NOT NULL,
    publisher_id bigint NOT NULL,
    kind         text NOT NULL,
    outcome      text NOT NULL,
    reason       text NOT NULL,
    currency     text NOT NULL,
    slots        smallint[] NOT NULL,
    hits         bigint[] NOT NULL,
    bots         bigint[],
    revenue      numeric[],
    payout       numeric[],
    -- The sums of the day, which most of a report needs and an index holds.
    day_hits     bigint GENERATED ALWAYS AS (hits[cardinality(hits)]) STORED,
    day_bots     bigint GENERATED ALWAYS AS (bots[cardinality(bots)]) STORED,
    day_revenue  numeric GENERATED ALWAYS AS (revenue[cardinality(revenue)]) STORED,
    day_payout   numeric GENERATED ALWAYS AS (payout[cardinality(payout)]) STORED
) WITH (toast_tuple_target = 8160); -- kept in the row, where a report reads them without a look-up each
CREATE INDEX rollups_day ON rollups (day, grain) INCLUDE (account_id, offer_id, publisher_id, kind, outcome, reason,
    currency, day_hits, day_bots, day_revenue, day_payout);
CREATE INDEX rollups_unfinished ON rollups (day) WHERE NOT whole;

-- The days of a month in the way in which rollups has the quarter hours of a day: slots holds days of the month (1 to 31), and
-- whole is false for a day or a correction that was added later. It repeats the grain with both ids, of which a long report
-- would read too many rows, for the days before rollup_state.months_until.
CREATE TABLE rollup_months (
    month        date NOT NULL, -- its first day
    whole        boolean NOT NULL,
    account_id   bigint NOT NULL,
    offer_id     bigint NOT NULL,
    publisher_id bigint NOT NULL,
    kind         text NOT NULL,
    outcome      text NOT NULL,
    reason       text NOT NULL,
    currency     text NOT NULL,
    slots        smallint[] NOT NULL,
    hits         bigint[] NOT NULL,
    bots         bigint[],
    revenue      numeric[],
    payout       numeric[]
) WITH (toast_tuple_target = 8160);
CREATE INDEX rollup_months_month ON rollup_months (month);
CREATE INDEX rollup_months_unfinished ON rollup_months (month) WHERE NOT whole;

CREATE TABLE rollup_state (
    single        boolean PRIMARY KEY DEFAULT true CHECK (single), -- the table has one row
    -- Minutes before it are in rollups, by whole hours of UTC.
    folded_until  timestamptz NOT NULL,
    -- Days of UTC before it are in rollup_months; it is never later than folded_until.
    months_until  date NOT NULL,
    -- Hits received before it may not be counted: they are older than these tables.
    complete_from timestamptz NOT NULL
);
INSERT INTO rollup_state (folded_until, months_until, complete_from)
SELECT date_trunc('hour', now(), 'UTC'), (now() AT TIME ZONE 'UTC')::date,
       CASE WHEN EXISTS (SELECT FROM hits) THEN now() ELSE '1970-01-01 00:00:00+00' END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE rollup_state, rollup_months, rollups, rollup_minutes, rollup_deltas;
