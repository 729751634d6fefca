-- +goose Up

-- Postbacks whose wait ended without a click: unmatched, click_never_came. When
-- the click is written after all, they are decided anew at once.
CREATE TABLE ended_waits (
    transaction_id uuid NOT NULL,
    hit_id         uuid NOT NULL,
    ended_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (transaction_id, hit_id)
);
INSERT INTO ended_waits (transaction_id, hit_id, ended_at)
SELECT transaction_id, id, died_at FROM dead_letters
WHERE reason = 'click_never_came' AND transaction_id IS NOT NULL
ON CONFLICT DO NOTHING;

-- The workers that reach the database, as each reports it every few seconds.
-- steady_since is when the latest row of reports without a gap began.
CREATE TABLE workers (
    id           uuid PRIMARY KEY,
    seen_at      timestamptz NOT NULL,
    steady_since timestamptz NOT NULL
);

-- +goose Down
DROP TABLE ended_waits, workers;
