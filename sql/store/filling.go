package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
)

// fillingPoll is how often a switch looks whether another process has ended its own.
const fillingPoll = 200 * time.Millisecond

// GoOnFilling completes a switch of SetUniqueOrders whose process has ended. It returns
// false when another process is about it; also when the offer fills no more.
func (s *Store) GoOnFilling(ctx context.Context, offer attribution.PartyID) (completed bool, err error) {
	_, completed, err = s.fillAlone(ctx, offer.AccountID, offer.ID, nil)
	return completed, wrapped(err, "go on to set unique orders of offer %d", offer.ID)
}

// fillAlone takes steps 2 and 3 of SetUniqueOrders, unless another process does, or the
// offer fills no more. The lock only saves the work: two that fill do no harm. It is held
// by a transaction that writes nothing, so that it ends with the process.
func (s *Store) fillAlone(ctx context.Context, account, offer int64, progress func(read int, of int64)) (alone, completed bool, err error) {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return false, false, err
	}
	defer tx.Rollback() // the lock ends with it
	if alone, err = holdFilling(ctx, tx, offer); !alone || err != nil {
		return false, false, err
	}
	row, err := orderState(ctx, s.db, account, offer)
	if err != nil || row.State != reference.OrdersFilling {
		return true, false, err
	}
	if err := s.awaitWriters(ctx); err != nil {
		return true, false, err
	}
	err = s.fillOrders(ctx, account, offer, func(read int, of int64) error {
		if progress != nil {
			progress(read, of)
		}
		_, err := holdFilling(ctx, tx, offer) // so that the session is not silent
		return err
	})
	if err != nil {
		return true, false, err
	}
	err = s.endFilling(ctx, account, offer, row.Began)
	return true, err == nil, err
}

func holdFilling(ctx context.Context, tx *sqlx.Tx, offer int64) (held bool, err error) {
	err = selectRow(ctx, tx, &held, "unique_orders/lock", args{"offer_id": offer})
	return held, err
}

// fillWhenFree is fillAlone after the process that fills has ended.
func (s *Store) fillWhenFree(ctx context.Context, account, offer int64, progress func(read int, of int64)) error {
	for {
		alone, _, err := s.fillAlone(ctx, account, offer, progress)
		if alone || err != nil {
			return err
		}
		select {
		case <-time.After(fillingPoll):
		case <-ctx.Done():
			return fmt.Errorf("wait for the process that reads the conversions: %w", ctx.Err())
		}
	}
}
