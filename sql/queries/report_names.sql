-- The names of the offers or the publishers.
SELECT account_id, id, name FROM offers WHERE :by = 'offer'
UNION ALL
SELECT account_id, id, name FROM publishers WHERE :by = 'publisher'
