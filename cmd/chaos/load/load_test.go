package load

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"integr8/cmd/chaos/ledger"
	"integr8/cmd/chaos/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receiver answers like a receiver, and counts the requests by their number.
type receiver struct {
	world *model.World
	mu    sync.Mutex
	seen  map[string]int
	// drop makes the connection of every n-th request break after the request was read.
	drop int
}

func (rc *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	seq := r.Form.Get(ledger.SeqParam)
	rc.mu.Lock()
	rc.seen[seq]++
	dropped := rc.drop > 0 && len(rc.seen)%rc.drop == 0
	rc.mu.Unlock()
	if dropped {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("X-Receipt", uuid.NewString())
	if r.URL.Path == "/click" {
		w.Header().Set("Location", "https://shop.example/?c="+rc.world.Mint(time.Now()))
		w.WriteHeader(http.StatusFound)
	}
}

func testWorld() *model.World {
	terms := model.Terms{Amount: decimal.New(1, 0)}
	return &model.World{
		Secret: "a secret of the test",
		Offers: map[int64]*model.Offer{1: {Account: 1, Currency: "USD", Payout: terms, Revenue: terms},
			2: {Account: 1, Currency: "USD", Payout: terms, Revenue: terms, UniqueOrders: true}},
		Publishers: map[int64]*model.Publisher{1: {Account: 1}},
		Tokens: map[string]model.Token{"global": {Account: 1}, "own": {Account: 1, Offer: 1},
			"unique": {Account: 1, Offer: 2}, "unclicked": {Account: 1, Purpose: "clickless"}},
		Domains: map[string]int64{"pixel.example": 1},
	}
}

// send runs a load against receivers and returns its ledger.
func send(t *testing.T, options Options) []ledger.Entry {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger")
	book, err := ledger.Create(path)
	require.NoError(t, err)
	options.Ledger, options.Seed = book, 1
	New(options).Run(t.Context())
	require.NoError(t, book.Close())
	return book.Entries()
}

func start(t *testing.T, rc *receiver) string {
	t.Helper()
	rc.seen = map[string]int{}
	server := httptest.NewServer(rc)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func TestEveryRequestIsInTheLedgerAndWasSentOnce(t *testing.T) {
	rc := &receiver{world: testWorld(), drop: 7}
	address := start(t, rc)
	entries := send(t, Options{World: rc.world, Receivers: []string{address}, Rate: 2000, Requests: 1000, Retries: true})
	require.GreaterOrEqual(t, len(entries), 1000)
	fates := map[ledger.Fate]int{}
	for _, e := range entries {
		fates[e.Answer.Fate]++
		if e.Form != ledger.JSON {
			require.Equal(t, 1, rc.seen[number(e.Seq)], "request %d", e.Seq)
		}
		require.Equal(t, e.Answer.Fate == ledger.Answered, e.Answer.Error == "")
	}
	require.NotZero(t, fates[ledger.Unknown], "those whose connection was lost")
	require.Zero(t, fates[ledger.NotSent])
}

func TestAFailedRequestIsTriedAgainElsewhere(t *testing.T) {
	rc := &receiver{world: testWorld()}
	good := start(t, rc)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	away := listener.Addr().String()
	require.NoError(t, listener.Close())
	entries := send(t, Options{World: rc.world, Receivers: []string{away, good}, Rate: 1000, Requests: 200, Retries: true})
	again := map[int64]bool{}
	for _, e := range entries {
		again[e.Again] = true
	}
	for _, e := range entries {
		if e.Receiver == away {
			require.Equal(t, ledger.NotSent, e.Answer.Fate)
			require.True(t, again[e.Seq], "request %d was not tried again", e.Seq)
			continue
		}
		require.Equal(t, ledger.Answered, e.Answer.Fate)
	}
}

// TestAnOrderComesByClicksAndWithoutAClickThroughSeveralReceivers checks the first
// attempts for one order of an offer with unique orders.
func TestAnOrderComesByClicksAndWithoutAClickThroughSeveralReceivers(t *testing.T) {
	one, two := &receiver{world: testWorld()}, &receiver{world: testWorld()}
	entries := send(t, Options{World: one.world, Receivers: []string{start(t, one), start(t, two)}, Rate: 1000, Requests: 2500})
	type ways struct{ clicks, unclicked, receivers map[string]bool }
	orders := map[string]*ways{}
	for _, e := range entries {
		id := e.Get("order_id")
		if !strings.HasPrefix(id, "U-") {
			continue
		}
		if orders[id] == nil {
			orders[id] = &ways{map[string]bool{}, map[string]bool{}, map[string]bool{}}
		}
		orders[id].receivers[e.Receiver] = true
		if e.Path == "/clickless" {
			orders[id].unclicked[e.Get("external_transaction_id")] = true
		} else {
			orders[id].clicks[strings.ToLower(strings.ReplaceAll(e.Get("transaction_id"), "-", ""))] = true
		}
	}
	contested := 0
	for _, by := range orders {
		if len(by.clicks) > 1 && len(by.unclicked) > 0 && len(by.receivers) > 1 {
			contested++
		}
	}
	require.Greater(t, contested, 10, "of %d orders", len(orders))
}

func TestAHeldLoadSendsNothing(t *testing.T) {
	rc := &receiver{world: testWorld()}
	address := start(t, rc)
	book, err := ledger.Create(filepath.Join(t.TempDir(), "ledger"))
	require.NoError(t, err)
	l := New(Options{World: rc.world, Ledger: book, Receivers: []string{address}, Rate: 200, Requests: 40})
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Run(context.Background())
	}()
	require.Eventually(t, func() bool { return l.Sent() > 0 }, 10*time.Second, time.Millisecond)
	require.NoError(t, l.Hold(t.Context()))
	held := l.Sent()
	require.Len(t, book.Entries(), held, "every answer is there")
	require.Never(t, func() bool { return l.Sent() != held }, 50*time.Millisecond, 5*time.Millisecond)
	l.Release()
	<-done
	require.Equal(t, 40, l.Sent())
	require.NoError(t, book.Close())
}

func TestRequestsTravelAsTheLedgerSays(t *testing.T) {
	for form, method := range map[ledger.Form]string{ledger.Query: http.MethodGet, ledger.Body: http.MethodPost, ledger.JSON: http.MethodPost} {
		params := []ledger.Pair{{Name: "a", Value: "1 &=ü\""}, {Name: "a", Value: "2"}}
		out, err := httpRequest(ledger.Request{Method: method, Receiver: "127.0.0.1:1", Path: "/", Host: "h.example", Form: form, Params: params})
		require.NoError(t, err)
		require.Equal(t, "h.example", out.Host)
		if form == ledger.JSON {
			require.EqualValues(t, len(`{"a":"1 \u0026=ü\"","a":"2"}`), out.ContentLength)
			continue
		}
		require.NoError(t, out.ParseForm())
		require.Equal(t, []string{"1 &=ü\"", "2"}, out.Form["a"])
	}
}
