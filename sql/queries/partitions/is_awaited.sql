-- Whether a postback still waits whose click (when :parent is clicks) or whose hit (when :parent is hits) has an id
-- from :first_id to before :end_id.
SELECT EXISTS (
    SELECT FROM waiting_postbacks
    WHERE CASE :parent::text WHEN 'clicks' THEN transaction_id ELSE hit_id END >= :first_id::uuid
      AND CASE :parent::text WHEN 'clicks' THEN transaction_id ELSE hit_id END < :end_id::uuid
)
