-- All tokens, in no order.
SELECT * FROM tokens
