-- Adds a rule; the offer 0 stands for none. Without such an account or offer it returns no row, and uses up no id.
INSERT INTO alert_rules (account_id, offer_id, each_offer, name, condition, window_minutes, percent, least)
SELECT :account_id::bigint, nullif(:offer_id::bigint, 0), :each_offer::boolean, :name::text, :condition::text,
    :window_minutes::integer, :percent::integer, :least::bigint
WHERE EXISTS (SELECT FROM accounts WHERE accounts.id = :account_id::bigint FOR KEY SHARE)
  AND (:offer_id::bigint = 0 OR EXISTS (SELECT FROM offers WHERE offers.account_id = :account_id::bigint AND offers.id = :offer_id::bigint))
RETURNING id, account_id, offer_id, each_offer, name, condition, window_minutes, percent, least, status, silenced_until, created_at, judged_until
