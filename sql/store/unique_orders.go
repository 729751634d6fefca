package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"integr8/handlers/attribution"
	sqlfiles "integr8/sql"
)

// UniqueOrders says whether an offer pays an order_id once.
type UniqueOrders string

// The states. See SetUniqueOrders.
const (
	OrdersRepeat  UniqueOrders = ""        // never switched on
	OrdersFilling UniqueOrders = "filling" // switching on has begun and not ended
	OrdersUnique  UniqueOrders = "on"
	OrdersEnded   UniqueOrders = "off" // switched off
)

const (
	// fillPage is how many conversions one step of filling reads at most.
	fillPage = 10_000
	// writersPoll is how often it is looked whether transactions have ended.
	writersPoll = 20 * time.Millisecond
)

// SetUniqueOrders switches on or off that the offer pays an order_id once,
// whatever the way in. Once it has returned from switching on, no order converts
// that has a conversion, also for clicks that were made before. Switched off, the
// rule stays in force for clicks made until then, and for hits without a click
// received until then. Conversions that were written before stay as they are.
//
// Switching on takes three steps, so that no conversion falls in between:
//
//  1. the offer begins to fill: its conversions take their orders, and none loses
//     by that yet. That counts the version up, and insert_conversions writes nothing
//     for whoever goes by an earlier one, by the snapshot in which it writes. A
//     statement takes its lock on the table before its snapshot. So every transaction
//     that does not know of step 1 has that lock by the time at which step 1 is
//     committed, and step 2 begins when those have ended;
//  2. the orders of all conversions that stand are taken, the oldest first. What was
//     written without step 1 is visible now, and everything else takes its order
//     by itself. So each order that has a conversion is taken;
//  3. the offer is on, and an order that is taken makes a duplicate. A transaction
//     that wrote just before has taken its order, or found it taken: whoever wants
//     it after step 3 waits for that transaction's row, or finds it.
//
// When it is interrupted the offer goes on filling, with no effect on what
// converts, and a further call begins anew with step 2. Two calls at the same time
// do the same work. After a switch off, conversions still take their orders, so that
// switching on again takes step 3 alone. The state is the database's, not that of
// reference data, because a process may hold an old copy of those for long. It is
// not dated as rules of identity are, either: it changes no key, and only ever
// refuses.
//
// progress may be nil; it is told how many conversions were read of about how many.
// An error that IsLocked will pass.
func (s *Store) SetUniqueOrders(ctx context.Context, account, offer int64, on bool, progress func(read int, of int64)) error {
	err := s.setUniqueOrders(ctx, account, offer, on, progress)
	if err != nil {
		return fmt.Errorf("set unique orders of offer %d: %w", offer, err)
	}
	return nil
}

func (s *Store) setUniqueOrders(ctx context.Context, account, offer int64, on bool, progress func(read int, of int64)) error {
	if !on {
		_, err := s.changeUniqueOrders(ctx, account, offer, map[UniqueOrders]UniqueOrders{OrdersFilling: OrdersRepeat, OrdersUnique: OrdersEnded})
		return err
	}
	row, err := s.changeUniqueOrders(ctx, account, offer, map[UniqueOrders]UniqueOrders{OrdersRepeat: OrdersFilling, OrdersEnded: OrdersUnique})
	if err != nil || row.State != OrdersFilling {
		return err
	}
	if err := s.awaitWriters(ctx); err != nil {
		return err
	}
	if err := s.fillOrders(ctx, account, offer, progress); err != nil {
		return err
	}
	return s.endFilling(ctx, account, offer, row.Began)
}

// uniqueOrdersRow is what is said of an offer; zero where nothing is.
type uniqueOrdersRow struct {
	State UniqueOrders `db:"state"`
	Began int64        `db:"began"`
}

// changeUniqueOrders brings an offer from one state to another, and returns where it
// is then. A state that is not named stays.
func (s *Store) changeUniqueOrders(ctx context.Context, account, offer int64, to map[UniqueOrders]UniqueOrders) (uniqueOrdersRow, error) {
	var row uniqueOrdersRow
	err := s.inOrderChange(ctx, account, offer, func(tx *sqlx.Tx, version int64, was uniqueOrdersRow) (changed bool, err error) {
		row = was
		state, changes := to[was.State]
		if !changes {
			return false, nil
		}
		row = uniqueOrdersRow{state, version}
		return true, setUniqueOrdersState(ctx, tx, account, offer, row)
	})
	return row, err
}

// endFilling has the offer be on, unless it was switched off meanwhile: then it may
// have begun anew, with orders that were missed in between.
func (s *Store) endFilling(ctx context.Context, account, offer, began int64) error {
	return s.inOrderChange(ctx, account, offer, func(tx *sqlx.Tx, version int64, was uniqueOrdersRow) (bool, error) {
		switch {
		case was.State == OrdersUnique:
			return false, nil // another call was faster
		case was != uniqueOrdersRow{OrdersFilling, began}:
			return false, refuse(ErrInvalid, "it was switched off meanwhile")
		default:
			return true, setUniqueOrdersState(ctx, tx, account, offer, uniqueOrdersRow{OrdersUnique, version})
		}
	})
}

// inOrderChange runs a change in a transaction that no other change runs beside.
func (s *Store) inOrderChange(ctx context.Context, account, offer int64,
	change func(tx *sqlx.Tx, version int64, was uniqueOrdersRow) (bool, error),
) error {
	tx, err := s.schema.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit it has nothing to do
	var version int64
	if err := tx.GetContext(ctx, &version, sqlfiles.Query("change_unique_orders")); err != nil {
		return err
	}
	var rows []uniqueOrdersRow
	err = tx.SelectContext(ctx, &rows,
		"SELECT state, began FROM unique_order_offers WHERE account_id = $1::bigint AND offer_id = $2::bigint", account, offer)
	if err != nil {
		return err
	}
	changed, err := change(tx, version, append(rows, uniqueOrdersRow{})[0])
	if err != nil || !changed {
		return err
	}
	return tx.Commit()
}

func setUniqueOrdersState(ctx context.Context, tx *sqlx.Tx, account, offer int64, row uniqueOrdersRow) error {
	if row.State == OrdersRepeat {
		_, err := tx.ExecContext(ctx,
			"DELETE FROM unique_order_offers WHERE account_id = $1::bigint AND offer_id = $2::bigint", account, offer)
		return err
	}
	_, err := tx.ExecContext(ctx, sqlfiles.Query("set_unique_orders"), account, offer, string(row.State), row.Began)
	return err
}

// awaitWriters waits for the transactions that write conversions now.
func (s *Store) awaitWriters(ctx context.Context) error {
	var before, now []string
	if err := s.db.SelectContext(ctx, &before, sqlfiles.Query("conversion_writers")); err != nil {
		return err
	}
	for len(before) > 0 {
		select {
		case <-time.After(writersPoll):
		case <-ctx.Done():
			return fmt.Errorf("wait for %d transactions that write conversions: %w", len(before), ctx.Err())
		}
		now = now[:0]
		if err := s.db.SelectContext(ctx, &now, sqlfiles.Query("conversion_writers")); err != nil {
			return err
		}
		before = slices.DeleteFunc(before, func(writer string) bool { return !slices.Contains(now, writer) })
	}
	return nil
}

// fillOrders takes the orders of the offer's conversions, the oldest first, a page
// of all conversions at a time.
func (s *Store) fillOrders(ctx context.Context, account, offer int64, progress func(read int, of int64)) error {
	var about int64
	if err := s.db.GetContext(ctx, &about, "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'conversions'::regclass"); err != nil {
		return err
	}
	for after, last := uuid.Nil, false; !last; {
		var ends []uuid.UUID
		if err := s.db.SelectContext(ctx, &ends, sqlfiles.Query("conversions_page_end"), after, fillPage); err != nil {
			return err
		}
		last = len(ends) == 0
		end := append(ends, uuid.Max)[0]
		if err := s.fillOrdersBetween(ctx, account, offer, after, end); err != nil {
			return err
		}
		after = end
		if progress != nil && !last {
			progress(fillPage, about)
		}
	}
	return nil
}

func (s *Store) fillOrdersBetween(ctx context.Context, account, offer int64, after, end uuid.UUID) error {
	var rows []struct {
		ID      uuid.UUID `db:"id"`
		OrderID string    `db:"order_id"`
	}
	if err := s.db.SelectContext(ctx, &rows, sqlfiles.Query("orders_in_page"), account, offer, after, end); err != nil {
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
	columns := columns[taking](takes)
	_, err := s.schema.ExecContext(ctx, sqlfiles.Query("take_orders"),
		columns.uuids(func(t taking) uuid.UUID { return t.order }), columns.uuids(func(t taking) uuid.UUID { return t.conversion }))
	return err
}

// FillingOffers lists the offers whose switching on has begun and not ended.
func (s *Store) FillingOffers(ctx context.Context) ([]PartyID, error) {
	var offers []PartyID
	if err := s.db.SelectContext(ctx, &offers,
		"SELECT account_id, offer_id AS id FROM unique_order_offers WHERE state = 'filling' ORDER BY offer_id"); err != nil {
		return nil, fmt.Errorf("look for offers whose orders are not unique yet: %w", err)
	}
	return offers, nil
}

// reloadOrderRules reads the offers with unique orders anew, and reports whether
// they have changed since a version.
func (s *Store) reloadOrderRules(ctx context.Context, since int64) (changed bool, err error) {
	var rows []struct {
		Version int64         `db:"version"`
		OfferID *int64        `db:"offer_id"`
		State   *UniqueOrders `db:"state"`
		EndedAt *time.Time    `db:"ended_at"`
	}
	if err := s.deciding.SelectContext(ctx, &rows, sqlfiles.Query("unique_order_offers")); err != nil {
		return false, fmt.Errorf("read the offers with unique orders: %w", err)
	}
	rules := &orderRules{offers: map[int64]orderRule{}}
	for _, row := range rows {
		rules.version = row.Version
		if row.OfferID == nil {
			continue // there are none
		}
		rule := orderRule{always: *row.State == OrdersUnique}
		if row.EndedAt != nil {
			rule.before = *row.EndedAt
		}
		rules.offers[*row.OfferID] = rule
	}
	s.orderRules.Store(rules)
	return rules.version != since, nil
}
