-- What became of a hit. What is recorded of its request includes the digest of the token that it carried.
SELECT kind, outcome, reason, received_at, decided_at, conversion_id, duplicate_of,
    coalesce(request ->> 'token_digest', '') AS token_digest
FROM hits
WHERE id = :id::uuid
