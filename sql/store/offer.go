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
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return reference.StoredOffer{}, fmt.Errorf("create offer: %w", err)
	}
	defer tx.Rollback() // after a commit it has nothing to do
	var id int64
	err = selectRow(ctx, tx, &id, "offers/create", args{
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
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := s.Account(ctx, offer.AccountID); err != nil {
			return reference.StoredOffer{}, err
		}
	}
	if err != nil {
		return reference.StoredOffer{}, created(err, "create offer", reference.AdvertiserObject, offer.AccountID, offer.AdvertiserID)
	}
	if err = complete(tx, id); err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return reference.StoredOffer{}, fmt.Errorf("create offer: %w", err)
	}
	return s.Offer(ctx, offer.AccountID, id)
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
	offer, ok, err := s.findOffer(ctx, id)
	if err == nil && (!ok || offer.AccountID != account) {
		return reference.StoredOffer{}, &reference.NotFoundError{Object: reference.OfferObject, ID: id, Account: account}
	}
	return offer, err
}

// EditOffer changes an offer's terms.
func (s *Store) EditOffer(ctx context.Context, account, id int64, change reference.OfferChange) (reference.StoredOffer, error) {
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
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return reference.StoredOffer{}, fmt.Errorf("edit offer %d: %w", id, err)
	}
	defer tx.Rollback() // after a commit it has nothing to do
	result, err := execute(ctx, tx, "offers/edit", args{
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
	if err != nil {
		missing := map[string]*reference.NotFoundError{}
		if change.AdvertiserID != nil {
			missing["offers_account_id_advertiser_id_fkey"] = &reference.NotFoundError{
				Object: reference.AdvertiserObject, ID: *change.AdvertiserID, Account: account}
		}
		return reference.StoredOffer{}, referring(err, fmt.Sprintf("edit offer %d", id), missing)
	}
	if changed, err := result.RowsAffected(); err != nil || changed == 0 {
		return reference.StoredOffer{}, errors.Join(err, &reference.NotFoundError{Object: reference.OfferObject, ID: id, Account: account})
	}
	if change.Identity != nil {
		err = changeIdentity(ctx, tx, account, id, *change.Identity)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return reference.StoredOffer{}, fmt.Errorf("edit offer %d: %w", id, err)
	}
	return s.Offer(ctx, account, id)
}

// SetOverride sets a publisher's own terms for an offer. A nil field does not change; if
// it was never set, the offer's value applies.
func (s *Store) SetOverride(ctx context.Context, account, offer, publisher int64, terms attribution.Override) error {
	payout, payoutIsPercent := moneyColumns(terms.Payout)
	revenue, revenueIsPercent := moneyColumns(terms.Revenue)
	_, err := execute(ctx, s.db, "overrides/set", args{
		"account_id":         account,
		"offer_id":           offer,
		"publisher_id":       publisher,
		"payout":             payout,
		"payout_is_percent":  payoutIsPercent,
		"revenue":            revenue,
		"revenue_is_percent": revenueIsPercent,
	})
	if err != nil {
		return referring(err, fmt.Sprintf("set terms of publisher %d for offer %d", publisher, offer), map[string]*reference.NotFoundError{
			"offer_overrides_account_id_offer_id_fkey":     {Object: reference.OfferObject, ID: offer, Account: account},
			"offer_overrides_account_id_publisher_id_fkey": {Object: reference.PublisherObject, ID: publisher, Account: account},
		})
	}
	return nil
}

// ClearOverride removes a publisher's own terms, so that the offer's apply
// again. The error matches ErrNotFound when there are none.
func (s *Store) ClearOverride(ctx context.Context, account, offer, publisher int64) error {
	result, err := execute(ctx, s.db, "overrides/clear", args{"account_id": account, "offer_id": offer, "publisher_id": publisher})
	if err != nil {
		return fmt.Errorf("clear terms of publisher %d for offer %d: %w", publisher, offer, err)
	}
	if cleared, err := result.RowsAffected(); err == nil && cleared == 0 {
		return reference.Refuse(reference.ErrNotFound, "publisher %d has no terms of its own for offer %d of account %d", publisher, offer, account)
	}
	return nil
}

func (s *Store) findOffer(ctx context.Context, id int64) (reference.StoredOffer, bool, error) {
	offers, err := readOffers(ctx, s.db, 0, id)
	if err != nil || len(offers) == 0 {
		return reference.StoredOffer{}, false, err
	}
	return offers[0], true, nil
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
	if len(overrides) > 0 {
		offer.Overrides = make(map[int64]attribution.Override, len(overrides))
	}
	for _, override := range overrides {
		offer.Overrides[override.PublisherID] = attribution.Override{
			Payout:  overrideMoney(override.Payout, override.PayoutIsPercent),
			Revenue: overrideMoney(override.Revenue, override.RevenueIsPercent),
		}
	}
	return offer, nil
}

func overrideMoney(amount *decimal.Decimal, percent bool) *attribution.Money {
	if amount == nil {
		return nil
	}
	return &attribution.Money{Amount: *amount, Percent: percent}
}
