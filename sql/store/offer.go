package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

// windowUnit is the unit in which an attribution window is stored.
const windowUnit = time.Second

// CreateOffer adds an offer to its account. It ignores the id, the overrides and the later
// rules of identity of the argument. A zero Status means active, and a zero Window
// attribution.DefaultWindow.
func (s *Store) CreateOffer(ctx context.Context, offer attribution.Offer) (reference.StoredOffer, error) {
	return s.createOffer(ctx, offer, func(*sqlx.Tx, int64) error { return nil })
}

// CreateUniqueOrdersOffer is CreateOffer for an offer that pays an order_id once, from
// its first conversion on.
func (s *Store) CreateUniqueOrdersOffer(ctx context.Context, offer attribution.Offer) (reference.StoredOffer, error) {
	return s.createOffer(ctx, offer, func(tx *sqlx.Tx, id int64) error {
		var version int64
		if err := selectRow(ctx, tx, &version, "unique_orders/count_up", nil); err != nil {
			return err
		}
		return setUniqueOrdersState(ctx, tx, offer.AccountID, id, uniqueOrdersRow{reference.OrdersUnique, version})
	})
}

func (s *Store) createOffer(ctx context.Context, offer attribution.Offer, complete func(tx *sqlx.Tx, id int64) error) (reference.StoredOffer, error) {
	if offer.Status == "" {
		offer.Status = attribution.Active
	}
	if offer.Window == 0 {
		offer.Window = attribution.DefaultWindow
	}
	var created reference.StoredOffer
	err := s.recorded(ctx, func(tx *sqlx.Tx) (_ history.Change, err error) {
		created, err = insertOffer(ctx, tx, offer, complete)
		return history.Of(history.Offer, created.AccountID, created.ID, history.Create, nil, created.Recorded()), err
	})
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := s.Account(ctx, offer.AccountID); err != nil {
			return reference.StoredOffer{}, err
		}
		return reference.StoredOffer{}, &reference.NotFoundError{Object: reference.AdvertiserObject, ID: offer.AdvertiserID, Account: offer.AccountID}
	}
	if err != nil {
		return reference.StoredOffer{}, fmt.Errorf("create offer: %w", err)
	}
	return created, nil
}

// insertOffer adds an offer and returns it. The error is sql.ErrNoRows when the account
// has no such advertiser.
func insertOffer(ctx context.Context, tx *sqlx.Tx, offer attribution.Offer, complete func(tx *sqlx.Tx, id int64) error) (reference.StoredOffer, error) {
	var id int64
	err := selectRow(ctx, tx, &id, "offers/create", args{
		"account_id":         offer.AccountID,
		"advertiser_id":      offer.AdvertiserID,
		"name":               offer.Name,
		"destination":        offer.Destination,
		"status":             offer.Status,
		"currency":           offer.Currency,
		"payout":             offer.Payout.Amount,
		"payout_is_percent":  offer.Payout.Percent,
		"revenue":            offer.Revenue.Amount,
		"revenue_is_percent": offer.Revenue.Percent,
		"window_seconds":     int64(offer.Window / windowUnit),
		"many_per_click":     offer.Identity.ManyPerClick,
		"base_words":         textArray(offer.Consent.Words),
		"ignored_params":     textArray(offer.Consent.Ignored),
		"own_amounts":        offer.OwnAmounts,
		"own_ceiling":        offer.Ceiling,
	})
	if err == nil {
		err = complete(tx, id)
	}
	if err != nil {
		return reference.StoredOffer{}, err
	}
	return readOffer(ctx, tx, offer.AccountID, id)
}

// Offers returns the offers of an account (0: of all) by id.
func (s *Store) Offers(ctx context.Context, account int64) ([]reference.StoredOffer, error) {
	offers, err := readOffers(ctx, s.db, account, 0)
	if err != nil {
		return nil, err
	}
	if len(offers) == 0 && account != 0 {
		if _, err := s.Account(ctx, account); err != nil {
			return nil, err
		}
	}
	return offers, nil
}

// Offer returns one offer of the account, or a NotFoundError.
func (s *Store) Offer(ctx context.Context, account, id int64) (reference.StoredOffer, error) {
	return readOffer(ctx, s.db, account, id)
}

// EditOffer changes an offer's terms.
func (s *Store) EditOffer(ctx context.Context, account, id int64, change reference.OfferChange) (reference.StoredOffer, error) {
	var after reference.StoredOffer
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		before, err := readOffer(ctx, tx, account, id)
		if err != nil {
			return history.Change{}, err
		}
		if err := editOffer(ctx, tx, account, id, change); err != nil {
			return history.Change{}, err
		}
		after, err = readOffer(ctx, tx, account, id)
		return history.Of(history.Offer, account, id, history.Edit, before.Recorded(), after.Recorded()), err
	})
	if err == nil || errors.Is(err, reference.ErrNotFound) {
		return after, err
	}
	missing := map[string]*reference.NotFoundError{}
	if change.AdvertiserID != nil {
		missing["offers_account_id_advertiser_id_fkey"] = &reference.NotFoundError{
			Object: reference.AdvertiserObject, ID: *change.AdvertiserID, Account: account}
	}
	return reference.StoredOffer{}, referring(err, fmt.Sprintf("edit offer %d", id), missing)
}

func editOffer(ctx context.Context, tx *sqlx.Tx, account, id int64, change reference.OfferChange) error {
	payout, payoutIsPercent := moneyColumns(change.Payout)
	revenue, revenueIsPercent := moneyColumns(change.Revenue)
	var window *int64
	if change.Window != nil {
		window = new(int64(*change.Window / windowUnit))
	}
	var ceiling *decimal.Decimal
	if change.Ceiling != nil {
		ceiling = *change.Ceiling
	}
	_, err := execute(ctx, tx, "offers/edit", args{
		"account_id":         account,
		"id":                 id,
		"advertiser_id":      change.AdvertiserID,
		"name":               change.Name,
		"destination":        change.Destination,
		"status":             change.Status,
		"currency":           change.Currency,
		"payout":             payout,
		"payout_is_percent":  payoutIsPercent,
		"revenue":            revenue,
		"revenue_is_percent": revenueIsPercent,
		"window_seconds":     window,
		"base_words":         textArrayOrNull(change.BaseWords),
		"ignored_params":     textArrayOrNull(change.IgnoredParams),
		"own_amounts":        change.OwnAmounts,
		"replaces_ceiling":   change.Ceiling != nil,
		"own_ceiling":        ceiling,
	})
	if err == nil && change.Identity != nil {
		err = changeIdentity(ctx, tx, account, id, *change.Identity)
	}
	return err
}

// readOffer reads one offer of an account. The error is a NotFoundError when the account
// has no such offer.
func readOffer(ctx context.Context, db sqlx.QueryerContext, account, id int64) (reference.StoredOffer, error) {
	offers, err := readOffers(ctx, db, 0, id)
	if err == nil && (len(offers) == 0 || offers[0].AccountID != account) {
		err = &reference.NotFoundError{Object: reference.OfferObject, ID: id, Account: account}
	}
	if err != nil {
		return reference.StoredOffer{}, err
	}
	return offers[0], nil
}

// readOffers reads the offers of one account (0: of all), or the one with the
// id (0: all), with their overrides, by id.
func readOffers(ctx context.Context, db sqlx.QueryerContext, account, id int64) ([]reference.StoredOffer, error) {
	var rows []offerRow
	if err := selectRows(ctx, db, &rows, "offers/list", args{"account_id": account, "id": id}); err != nil {
		return nil, fmt.Errorf("read offers: %w", err)
	}
	offers := make([]reference.StoredOffer, 0, len(rows))
	for i := range rows {
		offer, err := rows[i].offer()
		if err != nil {
			return nil, err
		}
		offers = append(offers, offer)
	}
	return offers, nil
}

// textArray returns an empty array for no texts, never NULL.
func textArray(texts []string) pq.StringArray { return append(pq.StringArray{}, texts...) }

func textArrayOrNull(texts *[]string) pq.StringArray {
	if texts == nil {
		return nil
	}
	return textArray(*texts)
}

func moneyColumns(money *attribution.Money) (amount *decimal.Decimal, percent *bool) {
	if money == nil {
		return nil, nil
	}
	return &money.Amount, &money.Percent
}

// offerRow is a row of queries/offers/rows.sql.
type offerRow struct {
	ID               int64                  `db:"id"`
	AccountID        int64                  `db:"account_id"`
	AdvertiserID     int64                  `db:"advertiser_id"`
	Name             string                 `db:"name"`
	Destination      string                 `db:"destination"`
	Status           attribution.Status     `db:"status"`
	Currency         string                 `db:"currency"`
	Payout           decimal.Decimal        `db:"payout"`
	PayoutIsPercent  bool                   `db:"payout_is_percent"`
	Revenue          decimal.Decimal        `db:"revenue"`
	RevenueIsPercent bool                   `db:"revenue_is_percent"`
	WindowSeconds    int64                  `db:"window_seconds"`
	ManyPerClick     bool                   `db:"many_per_click"`
	BaseWords        pq.StringArray         `db:"base_words"`
	IgnoredParams    pq.StringArray         `db:"ignored_params"`
	OwnAmounts       bool                   `db:"own_amounts"`
	OwnCeiling       *decimal.Decimal       `db:"own_ceiling"`
	CreatedAt        time.Time              `db:"created_at"`
	Overrides        []byte                 `db:"overrides"`
	LaterIdentity    []byte                 `db:"later_identity"`
	UniqueOrders     reference.UniqueOrders `db:"unique_orders"`
}

// overrideRow is a row of offer_overrides as JSON from Postgres. decimal.Decimal decodes
// its numbers exactly.
type overrideRow struct {
	PublisherID      int64            `json:"publisher_id"`
	Payout           *decimal.Decimal `json:"payout"`
	PayoutIsPercent  bool             `json:"payout_is_percent"`
	Revenue          *decimal.Decimal `json:"revenue"`
	RevenueIsPercent bool             `json:"revenue_is_percent"`
}

func (r *offerRow) offer() (reference.StoredOffer, error) {
	var overrides []overrideRow
	if err := json.Unmarshal(r.Overrides, &overrides); err != nil {
		return reference.StoredOffer{}, fmt.Errorf("read overrides of offer %d: %w", r.ID, err)
	}
	later, err := laterIdentity(r.LaterIdentity)
	if err != nil {
		return reference.StoredOffer{}, fmt.Errorf("read rules of identity of offer %d: %w", r.ID, err)
	}
	offer := reference.StoredOffer{CreatedAt: r.CreatedAt, UniqueOrders: r.UniqueOrders, Offer: attribution.Offer{
		ID: r.ID, AccountID: r.AccountID, AdvertiserID: r.AdvertiserID,
		Name: r.Name, Destination: r.Destination, Status: r.Status, Currency: r.Currency,
		Payout:   attribution.Money{Amount: r.Payout, Percent: r.PayoutIsPercent},
		Revenue:  attribution.Money{Amount: r.Revenue, Percent: r.RevenueIsPercent},
		Window:   time.Duration(r.WindowSeconds) * windowUnit,
		Identity: attribution.Identity{ManyPerClick: r.ManyPerClick},
		Later:    later,

		OwnAmounts: r.OwnAmounts,
		Ceiling:    r.OwnCeiling,
	}}
	if len(r.BaseWords) > 0 {
		offer.Consent.Words = r.BaseWords
	}
	if len(r.IgnoredParams) > 0 {
		offer.Consent.Ignored = r.IgnoredParams
	}
	terms := make(map[int64]attribution.Override, len(overrides))
	for _, override := range overrides {
		terms[override.PublisherID] = attribution.Override{
			Payout:  overrideMoney(override.Payout, override.PayoutIsPercent),
			Revenue: overrideMoney(override.Revenue, override.RevenueIsPercent),
		}
	}
	offer.Overrides = attribution.OverridesOf(terms)
	return offer, nil
}

func overrideMoney(amount *decimal.Decimal, percent bool) *attribution.Money {
	if amount == nil {
		return nil
	}
	return &attribution.Money{Amount: *amount, Percent: percent}
}
