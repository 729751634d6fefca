-- What a request of an account, by its key, has created, and which request that was.
SELECT object_id, request FROM creations WHERE account_id = :account_id::bigint AND key = :key::bytea
