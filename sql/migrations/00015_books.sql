-- +goose Up

-- What receivers promise and what workers settle, see package books. One row a topic of
-- each incarnation of a receiver.
CREATE TABLE book_streams (
    incarnation    bigint NOT NULL,
    topic          text NOT NULL,
    home           uuid NOT NULL,
    began_at       timestamptz NOT NULL,
    -- What the receiver itself reports. promised_to is the number up to which it has
    -- promised, but for the spans in withdrawn that no statement has said yet; lag_ms how
    -- long its oldest statement is under way.
    receiver       text NOT NULL DEFAULT '',
    promised_to    bigint NOT NULL DEFAULT 0,
    withdrawn      bigint[] NOT NULL DEFAULT '{}',
    spooled        bigint NOT NULL DEFAULT 0,
    sent_at        timestamptz,
    lag_ms         bigint NOT NULL DEFAULT 0,
    reported_at    timestamptz,
    ended          boolean NOT NULL DEFAULT false,
    -- What the newest statement said that passed the queue.
    passed_to      bigint NOT NULL DEFAULT 0,
    passed_sent_at timestamptz,
    passed_at      timestamptz,
    PRIMARY KEY (incarnation, topic)
);

-- Statements that passed a queue. withdrawn holds the first and the last number of each
-- span that was not promised. cleared_at is when a statement passed that this receiver
-- sent with an empty spool, and that says as much.
CREATE TABLE book_statements (
    incarnation bigint NOT NULL,
    topic       text NOT NULL,
    up_to       bigint NOT NULL,
    withdrawn   bigint[] NOT NULL,
    sent_at     timestamptz NOT NULL,
    passed_at   timestamptz NOT NULL,
    cleared_at  timestamptz,
    PRIMARY KEY (incarnation, topic, up_to)
);

-- The settled numbers of a block, as each connection wrote them. A row without numbers
-- is a run of blocks in which every promised number is settled. An update changes no
-- column of the index, and finds room on its page.
CREATE TABLE book_blocks (
    incarnation bigint NOT NULL,
    topic       text NOT NULL,
    block       bigint NOT NULL,
    writer      integer NOT NULL,
    blocks      integer NOT NULL DEFAULT 1,
    numbers     bit(4096),
    PRIMARY KEY (incarnation, topic, block, writer)
) WITH (fillfactor = 50);

-- The numbers of settled hits whose rows were deleted, as those of junk are.
CREATE TABLE book_removed (
    incarnation bigint NOT NULL,
    topic       text NOT NULL,
    block       bigint NOT NULL,
    numbers     bit(4096) NOT NULL,
    PRIMARY KEY (incarnation, topic, block)
);

-- +goose Down
DROP TABLE book_streams, book_statements, book_blocks, book_removed;
