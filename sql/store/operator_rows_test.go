package store_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// noon is the time near which the tests write their rows.
var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// books is a database whose rows a test writes itself.
type books struct {
	*store.Store
	t       *testing.T
	db      *sqlx.DB
	url     string
	days    map[time.Time]bool // days whose partitions a test has made
	counter uint64
}

// writer returns another writer to the same database, with its own ids.
func (b *books) writer(from uint64) *books {
	return &books{Store: b.Store, t: b.t, db: b.db, url: b.url, days: map[time.Time]bool{}, counter: from}
}

func openBooks(t *testing.T) *books {
	t.Helper()
	address := storetest.URL(t)
	opened, err := store.Open(address)
	require.NoError(t, err)
	db, err := sqlx.Open("postgres", address)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, db.Close())
		require.NoError(t, opened.Close())
	})
	return &books{Store: opened, t: t, db: db, url: address, days: map[time.Time]bool{}}
}

func (b *books) exec(statement string, arguments ...any) {
	b.t.Helper()
	_, err := b.db.Exec(statement, arguments...)
	require.NoError(b.t, err)
}

// idAt returns an id of that time. Each id is larger than the one before.
func (b *books) idAt(at time.Time) uuid.UUID {
	b.counter++
	id := token.FirstID(at)
	binary.BigEndian.PutUint64(id[8:], b.counter)
	return id
}

// party makes an account with an advertiser, a publisher and an offer, whose ids are
// that of the account.
func (b *books) party(account int64) {
	b.t.Helper()
	b.exec(`INSERT INTO accounts (id, name) VALUES ($1, 'account')`, account)
	b.exec(`INSERT INTO advertisers (id, account_id, name) VALUES ($1, $1, 'advertiser')`, account)
	b.exec(`INSERT INTO publishers (id, account_id, name) VALUES ($1, $1, $2)`, account, fmt.Sprintf("publisher %d", account))
	b.offer(account, account)
}

// offer makes another offer of an account that party made.
func (b *books) offer(account, id int64) {
	b.t.Helper()
	b.exec(`INSERT INTO offers (id, account_id, advertiser_id, name, destination, currency, payout, revenue)
		VALUES ($1, $2, $2, $3, 'https://shop.example/', 'USD', 1, 2)`, id, account, fmt.Sprintf("offer %d", id))
}

// day makes the partitions of a time, as the store does when a row lacks one.
func (b *books) day(at time.Time) {
	b.t.Helper()
	if day := at.UTC().Truncate(24 * time.Hour); !b.days[day] {
		ensureDay(b.t, b.db, day)
		b.days[day] = true
	}
}

// click writes a click with its hit, and returns the transaction_id.
func (b *books) click(account int64, at time.Time, subID string) (transaction, receipt uuid.UUID) {
	b.t.Helper()
	transaction, receipt = b.idAt(at), b.idAt(at)
	b.day(at)
	b.exec(`INSERT INTO clicks (transaction_id, account_id, hit_id, offer_id, publisher_id, clicked_at, sub_id)
		VALUES ($1, $2, $3, $2, $2, $4, nullif($5, ''))`, transaction, account, receipt, at, subID)
	b.hit(hitRow{ID: receipt, Account: account, Kind: hit.Click, At: at, Outcome: outcome.Recorded,
		Transaction: &transaction, Offer: account})
	return transaction, receipt
}

type hitRow struct {
	ID           uuid.UUID
	Account      int64
	Kind         hit.Kind
	At           time.Time
	Outcome      outcome.Outcome
	Reason       outcome.Reason
	Route        attribution.Route
	Offer        int64
	Transaction  *uuid.UUID
	ConversionID *uuid.UUID
	DuplicateOf  *uuid.UUID
}

// hit writes a hit with its outcome, and returns its receipt.
func (b *books) hit(row hitRow) uuid.UUID {
	b.t.Helper()
	if row.ID == uuid.Nil {
		row.ID = b.idAt(row.At)
	}
	b.day(row.At)
	b.exec(`INSERT INTO hits (id, account_id, kind, received_at, outcome, reason, route, offer_id, publisher_id,
			transaction_id, conversion_id, duplicate_of, request)
		VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, 0), nullif($8, 0), $9, $10, $11, $12)`,
		row.ID, row.Account, row.Kind, row.At, row.Outcome, row.Reason, row.Route, row.Offer, row.Transaction,
		row.ConversionID, row.DuplicateOf, b.request(row))
	return row.ID
}

func (b *books) request(row hitRow) []byte {
	b.t.Helper()
	request := hit.Hit{ID: row.ID, Kind: row.Kind, ReceivedAt: row.At, ClientIP: "192.0.2.7"}
	if row.Kind == hit.Click {
		request.Destination = "https://shop.example/?clickid=" + token.TransactionID(*row.Transaction).String()
	}
	encoded, err := json.Marshal(request)
	require.NoError(b.t, err)
	return encoded
}

// conversion writes a conversion under the id of its hit.
func (b *books) conversion(id uuid.UUID, account int64, at time.Time, transaction *uuid.UUID, revenue, payout, currency, subID string) {
	b.t.Helper()
	key := id
	if transaction != nil {
		copy(key[:token.TimeBytes], transaction[:])
	}
	b.exec(`INSERT INTO conversions (id, account_id, dedup_key, transaction_id, offer_id, publisher_id, event, status,
			method, route, revenue, payout, currency, converted_at, sub_id, order_id, conversion_ip)
		VALUES ($1, $2, $9, $3, $2, $2, 'conversion', 'approved', 'postback', 'global', $4, $5, $6, $7, nullif($8, ''),
			'A-1', '2001:db8::1')`,
		id, account, transaction, revenue, payout, currency, at, subID, key)
}

// clickless writes a conversion without a click.
func (b *books) clickless(account int64, at time.Time, revenue, payout, currency, subID string) {
	b.t.Helper()
	id := b.idAt(at)
	b.conversion(id, account, at, nil, revenue, payout, currency, subID)
	b.exec("UPDATE conversions SET method = 'clickless' WHERE id = $1", id)
}

// dead writes a dead letter that died at that time.
func (b *books) dead(account int64, reason outcome.Reason, offer int64, died time.Time) uuid.UUID {
	b.t.Helper()
	row := hitRow{ID: b.idAt(died), Account: account, Kind: hit.Postback, At: died}
	b.exec(`INSERT INTO dead_letters (id, account_id, kind, outcome, reason, offer_id, received_at, died_at, payload)
		VALUES ($1, $2, 'postback', 'rejected', $3, nullif($4, 0), $5, $5, $6)`,
		row.ID, account, reason, offer, died, b.request(row))
	return row.ID
}
