-- +goose Up

-- Acts on dead letters that processes with the API carry out, also when the person who ordered them is gone. account_id is that of the
-- filter, 0 for all accounts. filter has the letters of the moment of creation, act_id names the act in the events of the
-- letters. run counts how often a process has taken the job: what an earlier one still writes is refused. behind, swept and
-- result say how far it is, under_way the letters behind that whose hits may have been published. became counts what became
-- of replayed hits, and is looked up at follow_at until it is followed. problem is why the job failed, or does not go on.
CREATE TABLE jobs (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL,
    act        text NOT NULL CHECK (act IN ('replay', 'discard', 'undo')),
    act_id     uuid NOT NULL,
    filter     jsonb NOT NULL,
    per_second double precision NOT NULL CHECK (per_second > 0),
    actor      text NOT NULL,
    note       text NOT NULL,
    state      text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'cancelling', 'cancelled', 'done', 'failed')),
    problem    text NOT NULL DEFAULT '',
    failures   integer NOT NULL DEFAULT 0,
    run        bigint NOT NULL DEFAULT 0,
    behind     text NOT NULL DEFAULT '',
    swept      bigint NOT NULL DEFAULT 0,
    result     jsonb NOT NULL,
    under_way  jsonb NOT NULL DEFAULT '[]',
    became     jsonb NOT NULL DEFAULT '[]',
    followed   boolean NOT NULL,
    follow_at  timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    turned_at  timestamptz,
    ended_at   timestamptz
);
CREATE INDEX jobs_of_account ON jobs (account_id, id);
CREATE INDEX jobs_unended ON jobs (account_id, id) WHERE state IN ('waiting', 'running', 'cancelling');
CREATE INDEX jobs_to_follow ON jobs (follow_at) WHERE NOT followed;
CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;

-- +goose Down
DROP TABLE jobs;
