-- All publishers, in no order.
SELECT * FROM publishers
