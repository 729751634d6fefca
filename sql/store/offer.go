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
	sqlfiles "integr8/sql"
)

// Offer is an offer's terms with those of single publishers.
type Offer struct {
	attribution.Offer
	CreatedAt time.Time
	// UniqueOrders says whether it pays an order_id once: see SetUniqueOrders.
	UniqueOrders UniqueOrders
}

// OfferChange says what to change; nil leaves it as it is.
type OfferChange struct {
	AdvertiserID *int64
	Name         *string
	Destination  *string
	Status       *attribution.Status
	Currency     *string
	Payout       *attribution.Money
	Revenue      *attribution.Money
	Window       *time.Duration
	// BaseWords and IgnoredParams replace the lists of attribution.Consent.
	BaseWords, IgnoredParams *[]string
	OwnAmounts               *bool
	// Ceiling replaces the offer's; one that points to nil removes it.
	Ceiling **decimal.Decimal
	// Identity takes effect for clicks from a minute ahead: see Offer.Later.
	Identity *attribution.Identity
}

// windowUnit is the unit in which an attribution window is stored.
const windowUnit = time.Second

// CreateOffer adds an offer to its account. The id, the overrides and the later
// rules of identity that the argument holds are ignored; a zero Status means active and a zero Window
// attribution.DefaultWindow.
func (s *Store) CreateOffer(ctx context.Context, offer attribution.Offer) (Offer, error) {
	return s.createOffer(ctx, offer, func(*sqlx.Tx, int64) error { return nil })
}

// CreateUniqueOrdersOffer is CreateOffer for one that pays an order_id once, from
// its first conversion on.
func (s *Store) CreateUniqueOrdersOffer(ctx context.Context, offer attribution.Offer) (Offer, error) {
	return s.createOffer(ctx, offer, func(tx *sqlx.Tx, id int64) error {
		var version int64
		if err := tx.GetContext(ctx, &version, sqlfiles.Query("change_unique_orders")); err != nil {
			return err
		}
		return setUniqueOrdersState(ctx, tx, offer.AccountID, id, uniqueOrdersRow{OrdersUnique, version})
	})
}

func (s *Store) createOffer(ctx context.Context, offer attribution.Offer, complete func(tx *sqlx.Tx, id int64) error) (Offer, error) {
	name, err := cleanName(offer.Name)
	if err != nil {
		return Offer{}, err
	}
	if offer.Status == "" {
		offer.Status = attribution.Active
	}
	if offer.Window == 0 {
		offer.Window = attribution.DefaultWindow
	}
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return Offer{}, fmt.Errorf("create offer: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	var id int64
	err = tx.GetContext(ctx, &id, sqlfiles.Query("create_offer"),
		offer.AccountID, offer.AdvertiserID, name, offer.Destination, offer.Status, offer.Currency,
		offer.Payout.Amount, offer.Payout.Percent, offer.Revenue.Amount, offer.Revenue.Percent,
		int64(offer.Window/windowUnit), offer.Identity.ManyPerClick,
		textArray(offer.Consent.Words), textArray(offer.Consent.Ignored), offer.OwnAmounts, offer.Ceiling)
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := s.Account(ctx, offer.AccountID); err != nil {
			return Offer{}, err
		}
	}
	if err != nil {
		return Offer{}, created(err, "create offer", AdvertiserObject, offer.AccountID, offer.AdvertiserID)
	}
	if err = complete(tx, id); err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return Offer{}, fmt.Errorf("create offer: %w", err)
	}
	return s.Offer(ctx, offer.AccountID, id)
}

// Offers lists the offers of an account (0: of all) by id.
func (s *Store) Offers(ctx context.Context, account int64) ([]Offer, error) {
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
func (s *Store) Offer(ctx context.Context, account, id int64) (Offer, error) {
	offer, ok, err := s.findOffer(ctx, id)
	if err == nil && (!ok || offer.AccountID != account) {
		return Offer{}, &NotFoundError{Object: OfferObject, ID: id, Account: account}
	}
	return offer, err
}

// EditOffer changes an offer's terms.
func (s *Store) EditOffer(ctx context.Context, account, id int64, change OfferChange) (Offer, error) {
	name, err := cleanChange(change.Name)
	if err != nil {
		return Offer{}, err
	}
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
		return Offer{}, fmt.Errorf("edit offer %d: %w", id, err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	result, err := tx.ExecContext(ctx, sqlfiles.Query("edit_offer"), account, id,
		change.AdvertiserID, name, change.Destination, change.Status, change.Currency,
		payout, payoutIsPercent, revenue, revenueIsPercent, window,
		textArrayOrNull(change.BaseWords), textArrayOrNull(change.IgnoredParams), change.OwnAmounts, change.Ceiling != nil, ceiling)
	if err != nil {
		missing := map[string]*NotFoundError{}
		if change.AdvertiserID != nil {
			missing["offers_account_id_advertiser_id_fkey"] = &NotFoundError{
				Object: AdvertiserObject, ID: *change.AdvertiserID, Account: account}
		}
		return Offer{}, referring(err, fmt.Sprintf("edit offer %d", id), missing)
	}
	if changed, err := result.RowsAffected(); err != nil || changed == 0 {
		return Offer{}, errors.Join(err, &NotFoundError{Object: OfferObject, ID: id, Account: account})
	}
	if change.Identity != nil {
		err = changeIdentity(ctx, tx, account, id, *change.Identity)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return Offer{}, fmt.Errorf("edit offer %d: %w", id, err)
	}
	return s.Offer(ctx, account, id)
}

// SetOverride gives a publisher terms of its own for an offer. A nil part of
// it stays as it was, and if none was set, as the offer has it.
func (s *Store) SetOverride(ctx context.Context, account, offer, publisher int64, terms attribution.Override) error {
	payout, payoutIsPercent := moneyColumns(terms.Payout)
	revenue, revenueIsPercent := moneyColumns(terms.Revenue)
	_, err := s.db.ExecContext(ctx, sqlfiles.Query("set_override"), account, offer, publisher,
		payout, payoutIsPercent, revenue, revenueIsPercent)
	if err != nil {
		return referring(err, fmt.Sprintf("set terms of publisher %d for offer %d", publisher, offer), map[string]*NotFoundError{
			"offer_overrides_account_id_offer_id_fkey":     {Object: OfferObject, ID: offer, Account: account},
			"offer_overrides_account_id_publisher_id_fkey": {Object: PublisherObject, ID: publisher, Account: account},
		})
	}
	return nil
}

// ClearOverride takes a publisher's own terms away, so that the offer's apply
// again. The error matches ErrNotFound when there are none.
func (s *Store) ClearOverride(ctx context.Context, account, offer, publisher int64) error {
	result, err := s.db.ExecContext(ctx,
		"DELETE FROM offer_overrides WHERE account_id = $1::bigint AND offer_id = $2::bigint AND publisher_id = $3::bigint",
		account, offer, publisher)
	if err != nil {
		return fmt.Errorf("clear terms of publisher %d for offer %d: %w", publisher, offer, err)
	}
	if cleared, err := result.RowsAffected(); err == nil && cleared == 0 {
		return refuse(ErrNotFound, "publisher %d has no terms of its own for offer %d of account %d", publisher, offer, account)
	}
	return nil
}

func (s *Store) findOffer(ctx context.Context, id int64) (Offer, bool, error) {
	offers, err := readOffers(ctx, s.db, 0, id)
	if err != nil || len(offers) == 0 {
		return Offer{}, false, err
	}
	return offers[0], true, nil
}

// readOffers reads the offers of one account (0: of all), or the one with the
// id (0: all), with their overrides, by id.
func readOffers(ctx context.Context, db sqlx.QueryerContext, account, id int64) ([]Offer, error) {
	var rows []offerRow
	if err := sqlx.SelectContext(ctx, db, &rows, sqlfiles.Query("offers"), account, id); err != nil {
		return nil, fmt.Errorf("read offers: %w", err)
	}
	offers := make([]Offer, 0, len(rows))
	for i := range rows {
		offer, err := rows[i].offer()
		if err != nil {
			return nil, err
		}
		offers = append(offers, offer)
	}
	return offers, nil
}

// textArray writes no texts as an empty array, never as NULL.
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

// offerRow is a line of queries/offer_rows.sql.
type offerRow struct {
	ID               int64              `db:"id"`
	AccountID        int64              `db:"account_id"`
	AdvertiserID     int64              `db:"advertiser_id"`
	Name             string             `db:"name"`
	Destination      string             `db:"destination"`
	Status           attribution.Status `db:"status"`
	Currency         string             `db:"currency"`
	Payout           decimal.Decimal    `db:"payout"`
	PayoutIsPercent  bool               `db:"payout_is_percent"`
	Revenue          decimal.Decimal    `db:"revenue"`
	RevenueIsPercent bool               `db:"revenue_is_percent"`
	WindowSeconds    int64              `db:"window_seconds"`
	ManyPerClick     bool               `db:"many_per_click"`
	BaseWords        pq.StringArray     `db:"base_words"`
	IgnoredParams    pq.StringArray     `db:"ignored_params"`
	OwnAmounts       bool               `db:"own_amounts"`
	OwnCeiling       *decimal.Decimal   `db:"own_ceiling"`
	CreatedAt        time.Time          `db:"created_at"`
	Overrides        []byte             `db:"overrides"`
	LaterIdentity    []byte             `db:"later_identity"`
	UniqueOrders     UniqueOrders       `db:"unique_orders"`
}

// overrideRow is a row of offer_overrides as Postgres writes it in JSON;
// decimal.Decimal reads its numbers exactly.
type overrideRow struct {
	PublisherID      int64            `json:"publisher_id"`
	Payout           *decimal.Decimal `json:"payout"`
	PayoutIsPercent  bool             `json:"payout_is_percent"`
	Revenue          *decimal.Decimal `json:"revenue"`
	RevenueIsPercent bool             `json:"revenue_is_percent"`
}

func (r *offerRow) offer() (Offer, error) {
	var overrides []overrideRow
	if err := json.Unmarshal(r.Overrides, &overrides); err != nil {
		return Offer{}, fmt.Errorf("read overrides of offer %d: %w", r.ID, err)
	}
	later, err := laterIdentity(r.LaterIdentity)
	if err != nil {
		return Offer{}, fmt.Errorf("read rules of identity of offer %d: %w", r.ID, err)
	}
	offer := Offer{CreatedAt: r.CreatedAt, UniqueOrders: r.UniqueOrders, Offer: attribution.Offer{
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
