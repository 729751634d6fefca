package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

// SetOverride sets a publisher's own terms for an offer. A nil field does not change; if
// it was never set, the offer's value applies.
func (s *Store) SetOverride(ctx context.Context, account, offer, publisher int64, terms attribution.Override) error {
	payout, payoutIsPercent := moneyColumns(terms.Payout)
	revenue, revenueIsPercent := moneyColumns(terms.Revenue)
	err := s.changeOverride(ctx, history.SetTerms, account, offer, publisher, func(tx *sqlx.Tx) error {
		_, err := execute(ctx, tx, "overrides/set", args{
			"account_id":         account,
			"offer_id":           offer,
			"publisher_id":       publisher,
			"payout":             payout,
			"payout_is_percent":  payoutIsPercent,
			"revenue":            revenue,
			"revenue_is_percent": revenueIsPercent,
		})
		return err
	})
	if err == nil || errors.Is(err, reference.ErrNotFound) {
		return err
	}
	return referring(err, fmt.Sprintf("set terms of publisher %d for offer %d", publisher, offer), map[string]*reference.NotFoundError{
		"offer_overrides_account_id_publisher_id_fkey": {Object: reference.PublisherObject, ID: publisher, Account: account},
	})
}

// ClearOverride removes a publisher's own terms, so that the offer's apply
// again. The error matches ErrNotFound when there are none.
func (s *Store) ClearOverride(ctx context.Context, account, offer, publisher int64) error {
	none := reference.Refuse(reference.ErrNotFound, "publisher %d has no terms of its own for offer %d of account %d", publisher, offer, account)
	err := s.changeOverride(ctx, history.ClearTerms, account, offer, publisher, func(tx *sqlx.Tx) error {
		result, err := execute(ctx, tx, "overrides/clear", args{"account_id": account, "offer_id": offer, "publisher_id": publisher})
		if err != nil {
			return err
		}
		if cleared, err := result.RowsAffected(); err == nil && cleared == 0 {
			return none
		}
		return nil
	})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, reference.ErrNotFound):
		return none
	default:
		return fmt.Errorf("clear terms of publisher %d for offer %d: %w", publisher, offer, err)
	}
}

// changeOverride changes a publisher's own terms for an offer. The error is a
// NotFoundError when the account has no such offer.
func (s *Store) changeOverride(ctx context.Context, act history.Act, account, offer, publisher int64, change func(*sqlx.Tx) error) error {
	return s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		before, err := readOffer(ctx, tx, account, offer)
		if err != nil {
			return history.Change{}, err
		}
		if err := checkVersion(ctx, before.Recorded()); err != nil {
			return history.Change{}, err
		}
		if err := change(tx); err != nil {
			return history.Change{}, err
		}
		after, err := readOffer(ctx, tx, account, offer)
		return history.Of(history.Offer, account, offer, act, history.Fields{"overrides": before.RecordedOverride(publisher)},
			history.Fields{"overrides": after.RecordedOverride(publisher)}), err
	})
}
