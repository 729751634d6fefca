-- The offers of an account (0: of all), with an id (0: all).
\ir offer_rows.sql
WHERE ($1::bigint = 0 OR account_id = $1::bigint) AND ($2::bigint = 0 OR id = $2::bigint)
ORDER BY id
