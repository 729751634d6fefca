-- Makes settings of the session: names, values.
SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS setting (name, value)
