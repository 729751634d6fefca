-- These hits as they were received, as far as they have no final outcome. $1 is in ascending order, so that days before
-- its first and after its last id are left out from the start. The ids written out give way to the bounds of an era: see
-- era.go.
SELECT id AS hit_id, kind, request
FROM hits
WHERE id = ANY ($1::uuid[])
  AND id BETWEEN ($1::uuid[])[1] AND ($1::uuid[])[cardinality($1::uuid[])]
  AND id BETWEEN '00000000-0000-0000-0000-000000000000' AND 'ffffffff-ffff-ffff-ffff-ffffffffffff'
  AND outcome IN ('waiting', 'unmatched')
