package app_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"integr8/cmd/integr8/app"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// newOptions returns the options of a whole system on a database and queues of the
// test's own.
func newOptions(t *testing.T) app.Options {
	t.Helper()
	options := app.Defaults()
	options.DatabaseURL, options.AMQPURL = storetest.URL(t), os.Getenv("AMQP_URL")
	require.NotEmpty(t, options.AMQPURL, "these tests need a real RabbitMQ: run `make test`, or set AMQP_URL")
	options.Topology.Prefix, options.Topology.MaxBytes = "test-"+strings.ToLower(rand.Text()[:10])+".", 1<<30
	require.NoError(t, options.Topology.Declare(t.Context(), options.AMQPURL))
	t.Cleanup(func() { require.NoError(t, options.Topology.Delete(context.Background(), options.AMQPURL)) })
	var err error
	options.Keys, err = token.ParseKeys("a service secret for tests")
	require.NoError(t, err)
	options.Logger = slog.New(slog.DiscardHandler)
	options.Admin.Addr, options.Receiver.Addr, options.Receiver.SpoolDir = "127.0.0.1:0", "127.0.0.1:0", t.TempDir()
	options.Web.Addr = "127.0.0.1:0"
	options.Receiver.SpoolAfter = 5 * time.Second // a refusal that is not confirmed in this time gets no receipt
	return options
}

// start runs an App until the test ends.
func start(t *testing.T, options app.Options) *app.App {
	t.Helper()
	started, _ := startToStop(t, options)
	return started
}

// startToStop runs an App until stop is called or the test ends.
func startToStop(t *testing.T, options app.Options) (started *app.App, stop func()) {
	t.Helper()
	started = app.New(options)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- started.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		assert.NoError(t, <-ended)
	})
	t.Cleanup(stop)
	return started, stop
}

// A program that is not the command line runs the whole system: a click leads to the
// offer, and its postback, sent twice, to one conversion.
func TestAnotherProgramRunsTheWholeSystem(t *testing.T) {
	t.Parallel()
	options := newOptions(t)
	db, err := store.Open(options.DatabaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	account := storetest.NewAccount(t, db, options.Keys, "north")

	system := start(t, options)
	hits, err := system.HitsAddr(t.Context())
	require.NoError(t, err)
	admin, err := system.AdminAddr(t.Context())
	require.NoError(t, err)
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	get := func(address string) *http.Response {
		response, err := client.Get("http://" + address)
		require.NoError(t, err)
		defer response.Body.Close()
		_, err = io.Copy(io.Discard, response.Body)
		require.NoError(t, err)
		return response
	}
	require.Equal(t, http.StatusOK, get(admin+"/healthz").StatusCode)

	click := get(hits + "/click?offer=" + strconv.FormatInt(account.Offer, 10) + "&publisher=" + strconv.FormatInt(account.Publisher, 10))
	require.Equal(t, http.StatusFound, click.StatusCode)
	shop, err := url.Parse(click.Header.Get("Location"))
	require.NoError(t, err)
	id := shop.Query().Get("c")
	for range 2 {
		postback := get(hits + "/postback?secure=" + account.Global + "&transaction_id=" + id)
		require.Equal(t, http.StatusOK, postback.StatusCode)
	}

	rows, err := sqlx.Open("postgres", options.DatabaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	count := func(query string) (count int) {
		require.NoError(t, rows.Get(&count, "SELECT count(*) FROM "+query, id))
		return count
	}
	require.Eventually(t, func() bool {
		return count("hits WHERE kind = 'postback' AND transaction_id = $1 AND outcome IN ('converted', 'duplicate')") == 2
	}, time.Minute, 10*time.Millisecond)
	require.Equal(t, 1, count("conversions WHERE transaction_id = $1"))
}

func TestAnAddressIsWaitedForNoLongerThanTheProcessRuns(t *testing.T) {
	t.Parallel()
	options := newOptions(t)
	options.Admin.Addr = "nonsense"
	failed := app.New(options)
	require.ErrorContains(t, failed.Run(t.Context()), "INTEGR8_ADMIN_ADDR")
	_, err := failed.HitsAddr(t.Context())
	require.ErrorContains(t, err, "has ended")

	options.Admin.Addr, options.Receiver = "127.0.0.1:0", nil
	worker := start(t, options)
	gone := errors.New("no longer of interest")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	_, err = worker.HitsAddr(ctx)
	require.ErrorIs(t, err, gone)
	_, err = worker.AdminAddr(t.Context())
	require.NoError(t, err)
}
