package dead_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/rabbit/rabbittest"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// patience is how long a test waits for an event.
const patience = 60 * time.Second

var ann = dead.Operator{Name: "ann@desk", Note: "a test"}

// record is a database and a broker of the test's own, with the use cases over them.
type record struct {
	dead.Letters
	t     *testing.T
	store *store.Store
	db    *sqlx.DB
	keys  token.Keys
	*broker
	*storetest.Account
}

func newRecord(t *testing.T) *record {
	t.Helper()
	database := storetest.NewDatabase(t)
	opened, db, keys := database.Store, database.Rows, database.Keys
	queues := &broker{topology: rabbittest.Declare(t, rabbit.Topology{Topics: handlers.Topics()}), url: rabbittest.URL(t)}
	return &record{
		Letters: dead.Letters{Store: opened, Broker: queues, Keys: keys},
		t:       t, store: opened, db: db, keys: keys, broker: queues,
		Account: storetest.NewAccount(t, opened, keys, "north"),
	}
}

// broker is RabbitMQ as a caller hands it to the use cases.
type broker struct {
	topology rabbit.Topology
	url      string
}

func (b *broker) Depths(ctx context.Context) (map[string]rabbit.Depth, error) {
	depths, err := b.topology.Depths(ctx, b.url)
	byName := map[string]rabbit.Depth{}
	for _, depth := range depths {
		byName[strings.TrimPrefix(depth.Queue, b.topology.Prefix)] = depth
	}
	return byName, err
}

func (b *broker) Publisher() (message.Publisher, error) {
	return rabbit.NewPublisher(rabbit.PublisherOptions{URL: b.url, Topology: b.topology})
}

// subscribe takes from the queue of postbacks until the test ends. It returns when the
// broker knows of it: a subscriber connects in the background.
func (r *record) subscribe() <-chan *message.Message {
	r.t.Helper()
	subscriber, err := rabbit.NewSubscriber(rabbit.SubscriberOptions{URL: r.url, Topology: r.topology})
	require.NoError(r.t, err)
	r.t.Cleanup(func() { require.NoError(r.t, subscriber.Close()) })
	messages, err := subscriber.Subscribe(context.Background(), hit.TopicPostbacks)
	require.NoError(r.t, err)
	require.Eventually(r.t, func() bool {
		depths, err := (&broker{topology: r.topology, url: r.url}).Depths(r.t.Context())
		return err == nil && depths[hit.TopicPostbacks].Consumers == 1
	}, patience, 5*time.Millisecond)
	return messages
}

// published takes what is in the queue of postbacks: how often each hit.
func (r *record) published(atLeast int) map[uuid.UUID]int {
	r.t.Helper()
	messages, counts := r.subscribe(), map[uuid.UUID]int{}
	for range atLeast {
		select {
		case msg := <-messages:
			h, err := hit.Decode(msg.Payload)
			require.NoError(r.t, err)
			require.Equal(r.t, msg.UUID, h.ID.String())
			require.Equal(r.t, "A 1", h.Params["order_id"])
			counts[h.ID]++
			msg.Ack()
		case <-time.After(patience):
			require.FailNow(r.t, "less was published than expected")
		}
	}
	return counts
}

// die stores n postbacks as dead letters, as a worker does.
func (r *record) die(n int, reason outcome.Reason) []uuid.UUID {
	r.t.Helper()
	var records []*attribution.Record
	var ids []uuid.UUID
	for range n {
		h := &hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: hit.Postback, ReceivedAt: time.Now().UTC(), Method: "GET",
			Host: "north.example", Path: "/postback", Params: map[string]string{"order_id": "A 1"}, TransactionID: r.keys.Mint(time.Now())}
		request, err := h.Encode()
		require.NoError(r.t, err)
		records = append(records, &attribution.Record{Hit: h, Request: request, Decision: attribution.Decision{
			Outcome: outcome.Rejected, Reason: reason, AccountID: r.ID, OfferID: r.Offer}})
		ids = append(ids, h.ID)
	}
	require.NoError(r.t, r.store.Write(r.t.Context(), records))
	return ids
}

// dieUndecodable stores a dead letter that holds no hit.
func (r *record) dieUndecodable() uuid.UUID {
	r.t.Helper()
	id := uuid.Must(uuid.NewV7())
	require.NoError(r.t, r.store.WriteUndecodable(r.t.Context(), attribution.Undecodable{ID: id, Payload: []byte("\x00no hit")}))
	return id
}

// statuses counts the dead letters of each status.
func (r *record) statuses() map[dead.Status]int {
	r.t.Helper()
	var rows []struct {
		Status dead.Status
		Count  int
	}
	require.NoError(r.t, r.db.Select(&rows, `SELECT status, count(*) FROM dead_letters GROUP BY status`))
	counts := map[dead.Status]int{}
	for _, row := range rows {
		counts[row.Status] = row.Count
	}
	return counts
}

// quiet is a Progress that draws nothing.
func quiet(string, int64, int64) {}

func (r *record) replay(filter dead.Filter) dead.Result {
	r.t.Helper()
	replay, err := r.Replay(r.t.Context(), filter, ann)
	require.NoError(r.t, err)
	require.NoError(r.t, replay.Run(r.t.Context(), quiet))
	return replay.Result
}

func (r *record) discard(filter dead.Filter) dead.Result {
	r.t.Helper()
	discard, err := r.Discard(r.t.Context(), filter, ann)
	require.NoError(r.t, err)
	require.NoError(r.t, discard.Run(r.t.Context(), quiet))
	return discard.Result
}

func (r *record) undo(filter dead.Filter) dead.Result {
	r.t.Helper()
	undo, err := r.Undo(r.t.Context(), filter, ann)
	require.NoError(r.t, err)
	require.NoError(r.t, undo.Run(r.t.Context(), quiet))
	return undo.Result
}

func only(ids ...uuid.UUID) dead.Filter { return dead.Filter{IDs: ids} }
