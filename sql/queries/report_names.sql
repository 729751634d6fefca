-- The names of the offers or the publishers.
SELECT account_id, id, name FROM offers WHERE CAST(:by AS text) = 'offer'
UNION ALL
SELECT account_id, id, name FROM publishers WHERE CAST(:by AS text) = 'publisher'
