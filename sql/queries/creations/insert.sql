-- Adds a request and what it created.
INSERT INTO creations (account_id, key, request, object_id)
VALUES (:account_id::bigint, :key::bytea, :request::bytea, :object_id::bigint)
