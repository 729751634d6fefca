package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

const (
	// fillPage is how many conversions one step of filling reads at most.
	fillPage = 10_000
	// writersPoll is how often awaitWriters checks whether transactions have ended.
	writersPoll = 20 * time.Millisecond
)

// SetUniqueOrders switches on or off that the offer pays an order_id once,
// through all ways in together. After it has returned from switching on, an order with a
// conversion never converts again, also for clicks that were made before. After switching
// off, the rule stays in force for clicks that were made until then, and for hits without
// a click that were received until then. Existing conversions do not change.
//
// Switching on has three steps, so that no conversion is missed in between:
//
//  1. The offer begins to fill: its conversions take their orders, but none becomes a
//     duplicate because of that yet. This step increases the version, and
//     conversions/insert writes nothing for a transaction that uses an earlier version
//     than that in its snapshot. A statement takes its lock on the table before its
//     snapshot. So every transaction that does not know of step 1 has that lock at the
//     time at which step 1 is committed, and step 2 begins when these have ended.
//  2. The orders of all existing conversions are taken, the oldest first. Conversions
//     that were written without step 1 are visible now, and all others take their orders
//     themselves. So each order with a conversion is taken.
//  3. The offer is on, and a conversion whose order is taken becomes a duplicate. A
//     transaction that wrote just before has taken its order, or found it taken. A
//     transaction that needs the same order after step 3 waits for that row, or finds it.
//
// When it is interrupted, the offer continues to fill, with no effect on what
// converts, and a further call or GoOnFilling continues with step 2. Of two concurrent
// calls the second waits for the first. After switching off, conversions still take their orders, so that
// switching on again needs only step 3. The state is read from the database and is not
// part of the reference data, because a process may use an old copy of that for long. It
// has no date, unlike rules of identity, because it changes no key and only makes
// duplicates.
//
// progress may be nil. It is called with the number of conversions that were read, and
// with the estimated number of all. After an error that IsLocked a later retry succeeds.
func (s *Store) SetUniqueOrders(ctx context.Context, account, offer int64, on bool, progress func(read int, of int64)) error {
	err := s.setUniqueOrders(ctx, account, offer, on, progress)
	if err != nil {
		return fmt.Errorf("set unique orders of offer %d: %w", offer, err)
	}
	return nil
}

func (s *Store) setUniqueOrders(ctx context.Context, account, offer int64, on bool, progress func(read int, of int64)) error {
	if !on {
		_, err := s.changeUniqueOrders(ctx, account, offer, map[reference.UniqueOrders]reference.UniqueOrders{reference.OrdersFilling: reference.OrdersRepeat, reference.OrdersUnique: reference.OrdersEnded})
		return err
	}
	row, err := s.changeUniqueOrders(ctx, account, offer, map[reference.UniqueOrders]reference.UniqueOrders{reference.OrdersRepeat: reference.OrdersFilling, reference.OrdersEnded: reference.OrdersUnique})
	if err != nil || row.State != reference.OrdersFilling {
		return err
	}
	ctx = reference.Under(ctx, reference.Condition{}) // the version is another one now
	return s.fillWhenFree(ctx, account, offer, progress)
}

// uniqueOrdersRow is the state of an offer; zero when it has none.
type uniqueOrdersRow struct {
	State reference.UniqueOrders `db:"state"`
	Began int64                  `db:"began"`
}

// changeUniqueOrders changes the state of an offer as to says, and returns the new state.
// A state that is not in to does not change.
func (s *Store) changeUniqueOrders(ctx context.Context, account, offer int64, to map[reference.UniqueOrders]reference.UniqueOrders) (uniqueOrdersRow, error) {
	var row uniqueOrdersRow
	err := s.inOrderChange(ctx, account, offer, func(version int64, was uniqueOrdersRow) (uniqueOrdersRow, error) {
		row = was
		if state, changes := to[was.State]; changes {
			row = uniqueOrdersRow{state, version}
		}
		return row, nil
	})
	return row, err
}

// endFilling switches the offer on, unless it was switched off meanwhile: then another
// filling may have begun, and orders in between may be missing.
func (s *Store) endFilling(ctx context.Context, account, offer, began int64) error {
	return s.inOrderChange(ctx, account, offer, func(version int64, was uniqueOrdersRow) (uniqueOrdersRow, error) {
		switch {
		case was.State == reference.OrdersUnique:
			return was, nil // another call was faster
		case was != uniqueOrdersRow{reference.OrdersFilling, began}:
			return was, reference.Refuse(reference.ErrInvalid, "it was switched off meanwhile")
		default:
			return uniqueOrdersRow{reference.OrdersUnique, version}, nil
		}
	})
}

// inOrderChange changes the state of an offer in a transaction, unless next returns the
// state as it was, and adds the change to the history. It excludes other changes.
func (s *Store) inOrderChange(ctx context.Context, account, offer int64,
	next func(version int64, was uniqueOrdersRow) (uniqueOrdersRow, error),
) error {
	tx, err := s.schema.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit it has nothing to do
	if err := lockReference(ctx, tx); err != nil {
		return err
	}
	var version int64
	if err := selectRow(ctx, tx, &version, "unique_orders/count_up", nil); err != nil {
		return err
	}
	was, err := orderState(ctx, tx, account, offer)
	if err != nil {
		return err
	}
	if err := checkOfferVersion(ctx, tx, account, offer); err != nil {
		return err
	}
	row, err := next(version, was)
	if err != nil || row == was {
		return err
	}
	if err := setUniqueOrdersState(ctx, tx, account, offer, row); err != nil {
		return err
	}
	err = record(ctx, tx, history.Of(history.Offer, account, offer, history.Edit,
		history.Fields{"unique_orders_state": was.State}, history.Fields{"unique_orders_state": row.State}))
	if err != nil {
		return err
	}
	return tx.Commit()
}

func orderState(ctx context.Context, q sqlx.QueryerContext, account, offer int64) (uniqueOrdersRow, error) {
	var rows []uniqueOrdersRow
	err := selectRows(ctx, q, &rows, "unique_orders/state", args{"account_id": account, "offer_id": offer})
	return append(rows, uniqueOrdersRow{})[0], err
}

// checkOfferVersion is checkVersion for a change that does not read the whole offer.
func checkOfferVersion(ctx context.Context, tx *sqlx.Tx, account, offer int64) error {
	if reference.ConditionOf(ctx).Version == "" {
		return nil
	}
	before, err := readOffer(ctx, tx, account, offer)
	if err != nil {
		return err
	}
	return checkVersion(ctx, before.Recorded())
}

func setUniqueOrdersState(ctx context.Context, tx *sqlx.Tx, account, offer int64, row uniqueOrdersRow) error {
	if row.State == reference.OrdersRepeat {
		_, err := execute(ctx, tx, "unique_orders/clear_state", args{"account_id": account, "offer_id": offer})
		return err
	}
	_, err := execute(ctx, tx, "unique_orders/set_state", args{"account_id": account, "offer_id": offer, "state": string(row.State), "began": row.Began})
	return err
}

// awaitWriters waits for the end of all transactions that are writing conversions now.
func (s *Store) awaitWriters(ctx context.Context) error {
	var before, now []string
	if err := selectRows(ctx, s.db, &before, "conversions/writers", nil); err != nil {
		return err
	}
	for len(before) > 0 {
		select {
		case <-time.After(writersPoll):
		case <-ctx.Done():
			return fmt.Errorf("wait for transactions that write conversions (left: %d): %w", len(before), ctx.Err())
		}
		now = now[:0]
		if err := selectRows(ctx, s.db, &now, "conversions/writers", nil); err != nil {
			return err
		}
		before = slices.DeleteFunc(before, func(writer string) bool { return !slices.Contains(now, writer) })
	}
	return nil
}

// fillOrders takes the orders of the offer's conversions, the oldest first, one page of
// all conversions after the other.
func (s *Store) fillOrders(ctx context.Context, account, offer int64, progress func(read int, of int64) error) error {
	var about int64
	if err := selectRow(ctx, s.db, &about, "conversions/estimate", nil); err != nil {
		return err
	}
	for after := uuid.Nil; ; {
		var ends []uuid.UUID
		if err := selectRows(ctx, s.db, &ends, "conversions/page_end", args{"after_id": after, "page": fillPage}); err != nil {
			return err
		}
		last := len(ends) == 0
		end := append(ends, uuid.Max)[0]
		if err := s.fillOrdersBetween(ctx, account, offer, after, end); err != nil {
			return err
		}
		if last {
			return nil
		}
		after = end
		if err := progress(fillPage, about); err != nil {
			return err
		}
	}
}

func (s *Store) fillOrdersBetween(ctx context.Context, account, offer int64, after, end uuid.UUID) error {
	var rows []struct {
		ID      uuid.UUID `db:"id"`
		OrderID string    `db:"order_id"`
	}
	if err := selectRows(ctx, s.db, &rows, "conversions/orders_in_page", args{"account_id": account, "offer_id": offer, "after_id": after, "end_id": end}); err != nil {
		return err
	}
	takes := make([]taking, 0, len(rows))
	for _, row := range rows {
		takes = append(takes, taking{attribution.OrderKey(offer, row.OrderID), row.ID})
	}
	// A stable sort keeps the oldest of those with the same order first.
	slices.SortStableFunc(takes, func(a, b taking) int { return compareIDs(a.order, b.order) })
	takes = slices.CompactFunc(takes, func(a, b taking) bool { return a.order == b.order })
	if len(takes) == 0 {
		return nil
	}
	_, err := s.schema.ExecContext(ctx, takeOrders.statement.Text, takeOrders.bind(takes, nil)...)
	return err
}

// FillingOffers returns the offers whose switching on has begun and not ended.
func (s *Store) FillingOffers(ctx context.Context) ([]attribution.PartyID, error) {
	var rows []struct {
		AccountID int64 `db:"account_id"`
		ID        int64 `db:"id"`
	}
	if err := selectRows(ctx, s.db, &rows, "unique_orders/filling", nil); err != nil {
		return nil, fmt.Errorf("look for offers whose orders are not unique yet: %w", err)
	}
	offers := make([]attribution.PartyID, len(rows))
	for i, row := range rows {
		offers[i] = attribution.PartyID(row)
	}
	return offers, nil
}

// reloadOrderRules reads the offers with unique orders again, and reports whether
// they have changed since a version.
func (s *Store) reloadOrderRules(ctx context.Context, since int64) (changed bool, err error) {
	var rows []struct {
		Version int64                   `db:"version"`
		OfferID *int64                  `db:"offer_id"`
		State   *reference.UniqueOrders `db:"state"`
		EndedAt *time.Time              `db:"ended_at"`
	}
	if err := selectRows(ctx, s.deciding, &rows, "unique_orders/offers", nil); err != nil {
		return false, fmt.Errorf("read the offers with unique orders: %w", err)
	}
	rules := &orderRules{offers: map[int64]orderRule{}}
	for _, row := range rows {
		rules.version = row.Version
		if row.OfferID == nil {
			continue // there are none
		}
		rule := orderRule{always: *row.State == reference.OrdersUnique}
		if row.EndedAt != nil {
			rule.before = *row.EndedAt
		}
		rules.offers[*row.OfferID] = rule
	}
	s.orderRules.Store(rules)
	return rules.version != since, nil
}
