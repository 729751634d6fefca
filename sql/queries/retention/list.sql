-- The retention of each kind of data.
SELECT name, seconds FROM retention
