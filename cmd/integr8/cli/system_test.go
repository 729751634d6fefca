package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
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
	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// patience is far more than anything here takes.
const patience = 60 * time.Second

// system is the whole program, a receiver and some workers, over a database
// and queues of its own; all of it is reached through HTTP and read from rows.
type system struct {
	t         *testing.T
	variables map[string]string
	topology  rabbit.Topology
	store     *store.Store
	db        *sqlx.DB
	keys      token.Keys
	logs      *logs
	base      string
	client    *http.Client

	*storetest.Account
}

const trackingDomain = "pixel.north.example"

// startSystem starts a receiver and as many workers.
func startSystem(t *testing.T, workers int) *system {
	t.Helper()
	s := prepareSystem(t)
	s.startReceiver()
	for range workers {
		s.startWorker()
	}
	return s
}

// prepareSystem makes an account with all that belongs to it, but starts
// nothing.
func prepareSystem(t *testing.T) *system {
	t.Helper()
	amqpURL := os.Getenv("AMQP_URL")
	require.NotEmpty(t, amqpURL, "these tests need a real RabbitMQ: run `make test`, or set AMQP_URL")
	return prepareSystemOn(t, storetest.URL(t), amqpURL)
}

// prepareSystemOn is prepareSystem on a migrated database and a broker.
func prepareSystemOn(t *testing.T, databaseURL, amqpURL string) *system {
	t.Helper()
	secret := "test secret " + rand.Text()
	prefix := "test-" + strings.ToLower(rand.Text()[:10]) + "."
	s := &system{
		t:    t,
		logs: &logs{changed: make(chan struct{})},
		variables: map[string]string{
			"DATABASE_URL": databaseURL, "AMQP_URL": amqpURL, "INTEGR8_SECRET": secret,
			"INTEGR8_QUEUE_PREFIX": prefix, "INTEGR8_ADDR": "127.0.0.1:0", "INTEGR8_ADMIN_ADDR": "127.0.0.1:0", "INTEGR8_WEB_ADDR": "127.0.0.1:0",
			"INTEGR8_QUEUE_MAX_BYTES": "2GiB",
			// A refusal that a busy broker does not confirm in this time gets no receipt.
			"INTEGR8_SPOOL_AFTER": "5s",
			"XDG_STATE_HOME":      t.TempDir(), "INTEGR8_LOG_FORMAT": "json", "INTEGR8_LOG_LEVEL": "debug",
		},
		topology: rabbit.Topology{Prefix: prefix, MaxBytes: 2 << 30, Topics: handlers.Topics()},
		client: &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	t.Cleanup(s.client.CloseIdleConnections)
	var err error
	s.keys, err = token.ParseKeys(secret)
	require.NoError(t, err)
	s.store, err = store.Open(databaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.store.Close()) })
	s.db, err = sqlx.Open("postgres", databaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.db.Close()) })
	require.NoError(t, s.topology.Declare(context.Background(), amqpURL))
	t.Cleanup(func() { require.NoError(t, s.topology.Delete(context.Background(), amqpURL)) })

	s.Account = storetest.NewAccount(t, s.store, s.keys, "north")
	_, err = s.store.CreateDomain(context.Background(), s.ID, trackingDomain)
	require.NoError(t, err)
	return s
}

func (s *system) startReceiver() { s.base = "http://" + s.start("receive", "hits") }

// startWorker returns the function that stops the worker.
func (s *system) startWorker() (stop func()) {
	_, stop = s.startCommand("work", "admin")
	return stop
}

func (s *system) start(command, awaited string) string {
	address, _ := s.startCommand(command, awaited)
	return address
}

// startCommand runs a command of the program until the test ends, and waits
// for the address that it listens on for something.
func (s *system) startCommand(command, awaited string) (address string, stop func()) {
	s.t.Helper()
	own, stop := s.launch(command)
	return own.listening(s.t, awaited), stop
}

// launch runs a command of the program until the test ends or stop is called,
// and gives what it logs.
func (s *system) launch(command string) (own *logs, stop func()) {
	s.t.Helper()
	own = &logs{changed: make(chan struct{}), copyTo: s.logs}
	// The program may look a variable up at any time, while the test changes
	// those of the next one.
	variables := maps.Clone(s.variables)
	if _, chosen := variables["INTEGR8_SPOOL_DIR"]; !chosen {
		variables["INTEGR8_SPOOL_DIR"] = s.t.TempDir() // no two receivers share one
	}
	lookup := func(name string) (string, bool) {
		value, ok := variables[name]
		return value, ok
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, []string{command}, lookup, strings.NewReader(""), io.Discard, own)
	}()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			require.Zero(s.t, <-ended, "%s: %s", command, own.text())
		})
	}
	s.t.Cleanup(stop)
	return own, stop
}

func (s *system) lookup(name string) (string, bool) {
	value, ok := s.variables[name]
	return value, ok
}

// command runs a command to its end and gives what it printed.
func (s *system) command(args ...string) (code int, stdout, stderr string) {
	s.t.Helper()
	var out, errs bytes.Buffer
	code = Run(context.Background(), args, s.lookup, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// answer is what a door said.
type answer struct {
	status  int
	body    string
	receipt string
	header  http.Header
}

func (s *system) do(method, host, path, contentType, body string) answer {
	s.t.Helper()
	request, err := http.NewRequest(method, s.base+path, strings.NewReader(body))
	require.NoError(s.t, err)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	request.Host = host
	return s.send(request)
}

func (s *system) send(request *http.Request) answer {
	s.t.Helper()
	response, err := s.client.Do(request)
	require.NoError(s.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	return answer{response.StatusCode, string(text), response.Header.Get("X-Receipt"), response.Header}
}

// get sends a GET with these parameters, name and value in turn.
func (s *system) get(path string, params ...string) answer {
	s.t.Helper()
	return s.do(http.MethodGet, "", path+"?"+query(params...), "", "")
}

func (s *system) pixel(params ...string) answer {
	s.t.Helper()
	return s.do(http.MethodGet, trackingDomain, "/pixel?"+query(params...), "", "")
}

func query(params ...string) string {
	values := url.Values{}
	for i := 0; i < len(params); i += 2 {
		values.Set(params[i], params[i+1])
	}
	return values.Encode()
}

// click makes a click through the door and gives its transaction_id.
func (s *system) click(params ...string) string {
	s.t.Helper()
	return s.clickOn(s.Offer, params...)
}

func (s *system) clickOn(offer int64, params ...string) string {
	s.t.Helper()
	var got answer
	// The receiver hears of a new offer within moments.
	require.Eventually(s.t, func() bool {
		got = s.get("/click", append([]string{"offer", number(offer), "publisher", number(s.Publisher)}, params...)...)
		return got.status == http.StatusFound
	}, patience, 10*time.Millisecond)
	target, err := url.Parse(got.header.Get("Location"))
	require.NoError(s.t, err)
	id := target.Query().Get("c")
	require.Len(s.t, id, 32)
	return id
}

// row is a hit's row.
type row struct {
	Outcome       outcome.Outcome `db:"outcome"`
	Reason        outcome.Reason  `db:"reason"`
	AccountID     int64           `db:"account_id"`
	Route         string          `db:"route"`
	TransactionID *uuid.UUID      `db:"transaction_id"`
	ConversionID  *uuid.UUID      `db:"conversion_id"`
	DuplicateOf   *uuid.UUID      `db:"duplicate_of"`
}

// decided waits until the receipt has an outcome and gives it; a waiting one
// counts.
func (s *system) decided(receipt string) row {
	s.t.Helper()
	return s.until(receipt, func(row) bool { return true })
}

// becomes waits until the receipt has this outcome.
func (s *system) becomes(receipt string, wanted outcome.Outcome) row {
	s.t.Helper()
	return s.until(receipt, func(r row) bool { return r.Outcome == wanted })
}

func (s *system) until(receipt string, enough func(row) bool) row {
	s.t.Helper()
	require.NotEmpty(s.t, receipt, "no receipt was given")
	var found row
	require.Eventually(s.t, func() bool {
		var rows []row
		require.NoError(s.t, s.db.Select(&rows, `SELECT outcome, reason, account_id, route, transaction_id, conversion_id,
			duplicate_of FROM hits WHERE id = $1`, receipt))
		require.LessOrEqual(s.t, len(rows), 1, "a receipt has one row")
		if len(rows) == 0 || !enough(rows[0]) {
			return false
		}
		found = rows[0]
		return true
	}, patience, 5*time.Millisecond, "receipt %s was not decided", receipt)
	return found
}

func (s *system) count(query string, args ...any) int {
	s.t.Helper()
	var count int
	require.NoError(s.t, s.db.Get(&count, "SELECT count(*) FROM "+query, args...))
	return count
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// logs collects what processes log, and tells when there is more.
type logs struct {
	mu      sync.Mutex
	buffer  bytes.Buffer
	changed chan struct{}
	copyTo  *logs
}

// Write takes log lines.
func (l *logs) Write(data []byte) (int, error) {
	if l.copyTo != nil {
		_, _ = l.copyTo.Write(data)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.changed)
	l.changed = make(chan struct{})
	return l.buffer.Write(data)
}

func (l *logs) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}

// listening waits for the line that tells an address.
func (l *logs) listening(t *testing.T, purpose string) string {
	t.Helper()
	deadline := time.After(patience)
	for {
		l.mu.Lock()
		text, changed := l.buffer.String(), l.changed
		l.mu.Unlock()
		for line := range strings.Lines(text) {
			var entry struct{ Msg, For, Address string }
			if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "listening" && entry.For == purpose {
				return entry.Address
			}
		}
		select {
		case <-changed:
		case <-deadline:
			require.FailNow(t, "it never listened", text)
		}
	}
}
