package handlers_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// network is an account with its parties in a database of its own, and the
// handlers over it.
type network struct {
	t         testing.TB
	store     *store.Store
	db        *sqlx.DB
	keys      token.Keys
	snapshots *snapshots
	directory *handlers.Directory
	postbacks *handlers.Postbacks
	clicks    *handlers.Clicks
	clock     time.Time
	queue     queue
	observe   handlers.Observe

	*storetest.Account
}

// queue holds the hits that were put into it.
type queue struct {
	mu   sync.Mutex
	hits []*hit.Hit
}

func (q *queue) Put(_ context.Context, h *hit.Hit) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.hits = append(q.hits, h)
	return nil
}

// taken returns the hits of the queue and empties it.
func (q *queue) taken() []*hit.Hit {
	q.mu.Lock()
	defer q.mu.Unlock()
	hits := q.hits
	q.hits = nil
	return hits
}

// snapshots holds the snapshot that a test loaded last.
type snapshots struct {
	mu      sync.Mutex
	current *attribution.Snapshot
}

func (s *snapshots) Current() *attribution.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current
}

func newNetwork(t testing.TB) *network {
	t.Helper()
	address := storetest.URL(t)
	opened, err := store.Open(address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	db, err := sqlx.Open("postgres", address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	keys, err := token.ParseKeys("a service secret for the tests")
	require.NoError(t, err)

	n := &network{t: t, store: opened, db: db, keys: keys, snapshots: &snapshots{current: &attribution.Snapshot{}},
		clock: time.Now().UTC().Truncate(time.Millisecond)}
	n.Account = storetest.NewAccount(t, opened, keys, "north")
	n.directory = handlers.NewDirectory(n.snapshots, opened)
	n.postbacks, n.clicks = n.newHandlers()
	return n
}

func (n *network) newHandlers() (*handlers.Postbacks, *handlers.Clicks) {
	postbacks := handlers.NewPostbacks(n.options())
	return postbacks, handlers.NewClicks(n.options(), postbacks)
}

func (n *network) options() handlers.Options {
	return handlers.Options{Directory: n.directory, Records: n.store, Queue: &n.queue, Keys: n.keys, Observe: n.observe}
}

func (n *network) newHit(kind hit.Kind) *hit.Hit {
	return &hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: kind, ReceivedAt: n.clock, Method: "GET",
		Host: "track.example", Path: "/", Params: map[string]string{}}
}

func (n *network) newClick() *hit.Hit {
	h := n.newHit(hit.Click)
	h.TransactionID = n.keys.Mint(n.clock)
	h.AccountID, h.OfferID, h.PublisherID = n.ID, n.Offer, n.Publisher
	h.Destination = "https://shop.example/?c=" + h.TransactionID.String()
	return h
}

func (n *network) newPostback(secure string, id token.TransactionID) *hit.Hit {
	h := n.newHit(hit.Postback)
	h.TokenDigest, h.TransactionID = token.DigestOf(secure), id
	h.Params[hit.ParamTransactionID] = id.String()
	return h
}

// click handles a new click and returns its transaction_id.
func (n *network) click() token.TransactionID {
	h := n.newClick()
	n.handle(h)
	return h.TransactionID
}

func (n *network) handle(h *hit.Hit) { require.NoError(n.t, n.tryHandle(h)) }

func (n *network) tryHandle(h *hit.Hit) error {
	request, err := h.Encode()
	require.NoError(n.t, err)
	if h.Kind == hit.Click {
		return n.clicks.Handle(context.Background(), h, request)
	}
	return n.postbacks.Handle(context.Background(), h, request)
}

// row is the row of a hit.
type row struct {
	AccountID    int64      `db:"account_id"`
	Outcome      string     `db:"outcome"`
	Reason       string     `db:"reason"`
	Route        string     `db:"route"`
	Decisions    int        `db:"decisions"`
	ConversionID *uuid.UUID `db:"conversion_id"`
	DuplicateOf  *uuid.UUID `db:"duplicate_of"`
}

// outcome returns the one row of a hit.
func (n *network) outcome(h *hit.Hit) row {
	n.t.Helper()
	var rows []row
	require.NoError(n.t, n.db.Select(&rows, `SELECT account_id, outcome, reason, route, decisions, conversion_id, duplicate_of
		FROM hits WHERE id = $1`, h.ID))
	require.Len(n.t, rows, 1, "a hit has one row")
	return rows[0]
}

func (n *network) count(query string, args ...any) int {
	n.t.Helper()
	var count int
	require.NoError(n.t, n.db.Get(&count, "SELECT count(*) FROM "+query, args...))
	return count
}

// deadLetter returns the status and reason of a hit's dead letter; empty when
// it has none.
func (n *network) deadLetter(h *hit.Hit) string {
	var letters []string
	require.NoError(n.t, n.db.Select(&letters, `SELECT status || ' ' || reason FROM dead_letters WHERE id = $1`, h.ID))
	require.LessOrEqual(n.t, len(letters), 1)
	return strings.Join(letters, ", ")
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
