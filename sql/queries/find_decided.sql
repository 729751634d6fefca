-- What was decided about these hits before. The rows are locked, in order, so
-- that two who decide the same hit anew do so one after the other. $1 is in
-- ascending order, so that days before its first and after its last id are left
-- out from the start. The ids written out give way to the bounds of an era: see
-- era.go.
SELECT id, account_id, outcome, reason FROM hits
WHERE id = ANY ($1::uuid[])
  AND id BETWEEN ($1::uuid[])[1] AND ($1::uuid[])[cardinality($1::uuid[])]
  AND id BETWEEN '00000000-0000-0000-0000-000000000000' AND 'ffffffff-ffff-ffff-ffff-ffffffffffff'
ORDER BY id
FOR UPDATE
