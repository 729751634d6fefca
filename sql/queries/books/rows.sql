-- The numbers of the hits whose ids are from :low to before :high.
SELECT id, kind, (request ->> 'incarnation')::bigint AS incarnation, (request ->> 'number')::bigint AS number
FROM hits
WHERE id >= :low::uuid AND id < :high::uuid AND request ->> 'number' IS NOT NULL
