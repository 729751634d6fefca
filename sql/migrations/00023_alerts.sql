-- +goose Up

-- What is unusual for an account (alert_rules), when it was (alerts), and who is told
-- (alert_webhooks, alert_notices). The foreign keys lock accounts and offers: it waits one
-- second at a time for that, so that others never queue behind it for longer.
-- +goose StatementBegin
DO $$
BEGIN
    FOR try IN 1..60 LOOP
        PERFORM set_config('lock_timeout', '1s', true);
        BEGIN
            CREATE TABLE alert_rules (
                id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                account_id     bigint NOT NULL REFERENCES accounts,
                offer_id       bigint,
                each_offer     boolean NOT NULL,
                name           text NOT NULL,
                condition      text NOT NULL CHECK (condition IN ('rejection_rate', 'conversion_drop', 'no_conversions', 'new_reason')),
                window_minutes integer NOT NULL CHECK (window_minutes > 0 AND window_minutes % 15 = 0),
                percent        integer NOT NULL CHECK (percent BETWEEN 0 AND 99),
                least          bigint NOT NULL CHECK (least > 0),
                status         text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused', 'removed')),
                silenced_until timestamptz,
                created_at     timestamptz NOT NULL DEFAULT now(),
                -- The end of the last window that was judged.
                judged_until   timestamptz NOT NULL DEFAULT '1970-01-01 00:00:00+00',
                CHECK (offer_id IS NULL OR NOT each_offer)
            );
            CREATE TABLE alert_webhooks (
                id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                account_id bigint REFERENCES accounts, -- NULL: an operator's
                url        text NOT NULL,
                created_at timestamptz NOT NULL DEFAULT now(),
                removed_at timestamptz
            );
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF try = 60 THEN
                RAISE;
            END IF;
        END;
        PERFORM pg_sleep(1);
    END LOOP;
END $$;

CREATE TABLE alerts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_id    bigint NOT NULL REFERENCES alert_rules,
    account_id bigint NOT NULL,
    offer_id   bigint NOT NULL, -- 0 for the account
    reason     text NOT NULL,
    began_at   timestamptz NOT NULL,
    ended_at   timestamptz,
    text       text NOT NULL,
    end_text   text NOT NULL DEFAULT '',
    silenced   boolean NOT NULL
);
CREATE UNIQUE INDEX alerts_on ON alerts (rule_id, offer_id, reason) WHERE ended_at IS NULL;

CREATE TABLE alert_notices (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id    bigint NOT NULL REFERENCES alerts,
    event       text NOT NULL CHECK (event IN ('alert.began', 'alert.ended')),
    webhook_id  bigint REFERENCES alert_webhooks, -- NULL: by e-mail
    due_at      timestamptz NOT NULL DEFAULT now(),
    attempts    integer NOT NULL DEFAULT 0,
    sent_at     timestamptz,
    given_up_at timestamptz,
    error       text NOT NULL DEFAULT ''
);
CREATE INDEX alert_notices_due ON alert_notices (due_at) WHERE sent_at IS NULL AND given_up_at IS NULL;
CREATE INDEX alert_notices_alert ON alert_notices (alert_id);
-- +goose StatementEnd

-- +goose Down
DROP TABLE alert_notices, alerts, alert_webhooks, alert_rules;
