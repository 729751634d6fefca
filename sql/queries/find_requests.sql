-- These hits as they were received, as far as they have no final outcome. $1 is in ascending order, so that days before
-- its first and after its last id are left out from the start.
SELECT id AS hit_id, kind, request
FROM hits
WHERE id = ANY ($1::uuid[])
  AND id BETWEEN ($1::uuid[])[1] AND ($1::uuid[])[cardinality($1::uuid[])]
  AND outcome IN ('waiting', 'unmatched')
