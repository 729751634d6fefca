-- All domains, in no order.
SELECT * FROM domains
