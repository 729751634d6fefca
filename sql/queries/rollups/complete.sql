-- Records that all rows are counted.
UPDATE rollup_state SET complete_from = '1970-01-01 00:00:00+00'
