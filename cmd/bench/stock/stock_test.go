package stock_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/lib/pq"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"integr8/cmd/bench/stock"
	"integr8/cmd/internal/ports"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// One goroutine of the doors' library updates the date for all servers, and never ends.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

const patience = 20 * time.Second

// TestAPostbackConvertsOnce sends the same postback twice through the whole
// baseline.
func TestAPostbackConvertsOnce(t *testing.T) {
	broker := os.Getenv("AMQP_URL")
	require.NotEmpty(t, broker, "AMQP_URL is not set: run `make test`")
	database := storetest.URL(t)
	opened, err := store.Open(database)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	keys, err := token.ParseKeys("a secret for tests only")
	require.NoError(t, err)
	account := storetest.NewAccount(t, opened, keys, "North")
	db, err := sql.Open("postgres", database)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	click := keys.Mint(time.Now())
	_, err = db.Exec("INSERT INTO clicks (transaction_id, account_id, hit_id, offer_id, publisher_id, clicked_at) VALUES ($1, $2, $3, $4, $5, now())",
		click.UUID(), account.ID, uuid.New(), account.Offer, account.Publisher)
	require.NoError(t, err)
	t.Cleanup(func() { deleteQueue(t, broker) })

	ctx, cancel := context.WithCancel(t.Context())
	logger := slog.New(slog.NewTextHandler(t.Output(), nil))
	address, err := ports.Address()
	require.NoError(t, err)
	working := make(chan struct{})
	ended := make(chan error, 2)
	go func() {
		ended <- stock.Work(ctx, stock.WorkOptions{DatabaseURL: database, AMQPURL: broker, Subscriptions: 3, Prefetch: 2,
			Logger: logger, Ready: func() { close(working) }})
	}()
	select {
	case <-working:
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(patience):
		require.FailNow(t, "the worker does not start")
	}
	go func() {
		ended <- stock.Receive(ctx, stock.ReceiveOptions{DatabaseURL: database, AMQPURL: broker, Keys: keys, Addr: address,
			Channels: 4, Logger: logger})
	}()
	defer func() {
		cancel()
		require.NoError(t, <-ended)
		require.NoError(t, <-ended)
	}()

	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", address)
		return err == nil && conn.Close() == nil
	}, patience, 10*time.Millisecond)
	for _, token := range []string{account.Global, account.OfferToken} {
		response, err := http.Get(fmt.Sprintf("http://%s/postback?secure=%s&transaction_id=%s", address, token, click))
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode, "%s", body)
	}
	http.DefaultClient.CloseIdleConnections()
	require.Eventually(t, func() bool {
		var converted, duplicates, conversions int
		err := db.QueryRow(`SELECT (SELECT count(*) FROM hits WHERE outcome = 'converted'),
			(SELECT count(*) FROM hits WHERE outcome = 'duplicate' AND reason = 'duplicate_other_url'
				AND duplicate_of = (SELECT id FROM conversions)),
			(SELECT count(*) FROM conversions)`).Scan(&converted, &duplicates, &conversions)
		return err == nil && converted == 1 && duplicates == 1 && conversions == 1
	}, patience, 20*time.Millisecond)
}

func deleteQueue(t *testing.T, url string) {
	conn, err := amqp.Dial(url)
	require.NoError(t, err)
	channel, err := conn.Channel()
	require.NoError(t, err)
	_, err = channel.QueueDelete(stock.Queue, false, false, false)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
}
