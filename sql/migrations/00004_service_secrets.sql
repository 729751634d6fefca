-- +goose Up

-- The service secrets that processes have had, by fingerprint: what a process
-- compares its own with, so that none refuses ids that another signed.
-- signs_since is NULL for a secret with which processes only verify. A secret
-- that is retired is not missed.
CREATE TABLE service_secrets (
    fingerprint text PRIMARY KEY CHECK (fingerprint ~ '^[0-9a-f]{12}$'),
    first_seen  timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen   timestamptz NOT NULL DEFAULT clock_timestamp(),
    signs_since timestamptz,
    last_signed timestamptz,
    retired_at  timestamptz
);

-- Not when a process is merely seen again.
CREATE TRIGGER notify AFTER INSERT OR UPDATE OF signs_since, retired_at OR DELETE ON service_secrets
    FOR EACH STATEMENT EXECUTE FUNCTION notify_reference();

-- +goose Down
DROP TABLE service_secrets;
