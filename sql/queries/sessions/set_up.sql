-- Sets settings of the session.
SELECT set_config(name, value, false) FROM unnest(:names::text[], :values::text[]) AS setting (name, value)
