-- Makes one daily partition, for the ids from :first_id to before :end_id, unless it exists.
SELECT ensure_partition(:parent::text, :name::text, :first_id::uuid, :end_id::uuid)
