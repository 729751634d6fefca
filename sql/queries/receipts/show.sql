-- What became of a hit. What is recorded of its request includes the digest of the token that it carried. A conversion has
-- the id of its hit, and stays when retention has dropped the hit.
SELECT kind, outcome, reason, received_at, decided_at, conversion_id, duplicate_of,
    coalesce(request ->> 'token_digest', '') AS token_digest, test
FROM hits
WHERE id = :id::uuid
UNION ALL
SELECT method, 'converted', '', converted_at, converted_at, id, NULL, '', test
FROM conversions
WHERE id = :id::uuid AND NOT EXISTS (SELECT FROM hits WHERE id = :id::uuid)
