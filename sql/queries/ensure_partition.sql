-- Makes one daily partition unless it is there: parent, name, lowest id, first id of the next day.
SELECT ensure_partition($1::text, $2::text, $3::uuid, $4::uuid)
