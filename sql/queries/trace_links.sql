-- What the hit with this receipt points at.
SELECT transaction_id, conversion_id, duplicate_of FROM hits WHERE id = $1::uuid
