-- Whether a postback still waits whose click ($1 is clicks) or which itself ($1 is hits) has an id from $2 up to $3.
SELECT EXISTS (
    SELECT FROM waiting_postbacks
    WHERE CASE $1::text WHEN 'clicks' THEN transaction_id ELSE hit_id END >= $2::uuid
      AND CASE $1::text WHEN 'clicks' THEN transaction_id ELSE hit_id END < $3::uuid
)
