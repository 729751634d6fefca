package jobs_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
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
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/jobs"
	"integr8/pipeline/failure"
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

// office is a database and a broker of the test's own, with the use cases over them.
type office struct {
	jobs.Jobs
	t     *testing.T
	store *store.Store
	db    *sqlx.DB
	keys  token.Keys
	*storetest.Account
	*counter
}

func newOffice(t *testing.T) *office {
	t.Helper()
	database := storetest.NewDatabase(t)
	opened, db, keys := database.Store, database.Rows, database.Keys
	published := &counter{topology: rabbittest.Declare(t, rabbit.Topology{Topics: handlers.Topics()}), url: rabbittest.URL(t), hits: map[string]int{}}
	return &office{
		Jobs: jobs.Jobs{Store: opened, Letters: dead.Letters{Store: opened, Broker: published, Keys: keys}},
		t:    t, store: opened, db: db, keys: keys, Account: storetest.NewAccount(t, opened, keys, "north"), counter: published,
	}
}

// counter is RabbitMQ, and counts what is published to it.
type counter struct {
	topology rabbit.Topology
	url      string

	mu   sync.Mutex
	hits map[string]int
	// after is called after a publish.
	after func()
	// refusals is how many further publishes fail as in an outage.
	refusals int
}

func (c *counter) Depths(context.Context) (map[string]rabbit.Depth, error) { return nil, nil }

func (c *counter) Publisher() (message.Publisher, error) {
	publisher, err := rabbit.NewPublisher(rabbit.PublisherOptions{URL: c.url, Topology: c.topology})
	return counting{publisher, c}, err
}

type counting struct {
	*rabbit.Publisher
	counter *counter
}

func (c counting) Publish(topic string, messages ...*message.Message) error {
	c.counter.mu.Lock()
	defer c.counter.mu.Unlock()
	if c.counter.refusals > 0 {
		c.counter.refusals--
		return failure.Unavailable(errors.New("the broker is away"))
	}
	if err := c.Publisher.Publish(topic, messages...); err != nil {
		return err
	}
	for _, msg := range messages {
		c.counter.hits[msg.UUID]++
	}
	if c.counter.after != nil {
		c.counter.after()
	}
	return nil
}

// times returns how often each hit was published, by that number.
func (c *counter) times() map[int]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	times := map[int]int{}
	for _, n := range c.hits {
		times[n]++
	}
	return times
}

// die stores n postbacks as dead letters, as a worker does.
func (o *office) die(n int) (letters []uuid.UUID) {
	o.t.Helper()
	var records []*attribution.Record
	for range n {
		h := &hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: hit.Postback, ReceivedAt: time.Now().UTC(), Method: "GET",
			Host: "north.example", Path: "/postback", TransactionID: o.keys.Mint(time.Now())}
		request, err := h.Encode()
		require.NoError(o.t, err)
		records = append(records, &attribution.Record{Hit: h, Request: request, Decision: attribution.Decision{
			Outcome: outcome.Rejected, Reason: outcome.OfferPaused, AccountID: o.ID, OfferID: o.Offer}})
		letters = append(letters, h.ID)
	}
	require.NoError(o.t, o.store.Write(o.t.Context(), records))
	return letters
}

// order creates a job about all letters of the account.
func (o *office) order(act history.Act, perSecond float64) jobs.Job {
	o.t.Helper()
	job, err := o.Create(o.t.Context(), jobs.Order{Act: act, Filter: dead.Filter{AccountID: o.ID}, PerSecond: perSecond, By: ann})
	require.NoError(o.t, err)
	return job
}

// run carries jobs out until the test ends or stop is called.
func (o *office) run() (stop func()) {
	o.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	runner := &jobs.Runner{Store: o.store, Letters: o.Letters, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Observe: func(jobs.State) {}}
	var running sync.WaitGroup
	for _, round := range []func(context.Context) error{runner.Round, runner.Round, runner.Follow} {
		running.Go(func() {
			for ctx.Err() == nil {
				_ = round(ctx) // an outage of the test's
				select {
				case <-ctx.Done():
				case <-time.After(100 * time.Millisecond):
				}
			}
		})
	}
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	o.t.Cleanup(stop)
	return stop
}

// becomes waits until a job is as it should be.
func (o *office) becomes(id int64, is func(jobs.Job) bool) (job jobs.Job) {
	o.t.Helper()
	require.Eventually(o.t, func() bool {
		var err error
		job, err = o.store.Job(context.Background(), 0, id)
		return err == nil && is(job)
	}, patience, 5*time.Millisecond, "%+v", &job)
	return job
}

func (o *office) ended(id int64) jobs.Job {
	o.t.Helper()
	return o.becomes(id, func(job jobs.Job) bool { return job.State.Ended() })
}

func (o *office) count(from string, values ...any) (n int) {
	o.t.Helper()
	require.NoError(o.t, o.db.Get(&n, "SELECT count(*) FROM "+from, values...))
	return n
}
