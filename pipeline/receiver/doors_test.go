package receiver

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

// One goroutine of the library updates the date for all servers, and never ends.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

const (
	testSecret    = "a-service-secret-of-the-tests"
	importedToken = "Legacy-Token/42+x=="
	mail          = "joe.smith@mail.example.com"
	mailHash      = "72647cc7a496154329519c4d520ff716a8a9333fde1812aec9e186b9c8531d3b"
	pixelHost     = "track.brand.example"
	destination   = "https://shop.example/{sub_id_2}?clickid={transaction_id}&o={offer}&p={publisher}&s=%7Bsub_id%7D&x={unknown}"
)

// knownWorld is the directory of the tests: offer 1 is live, 2 is paused, and
// publisher 9 is paused.
type knownWorld struct{}

func (knownWorld) Offer(id int64) (Offer, bool) {
	return Offer{AccountID: 7, Destination: destination, Paused: id == 2}, id == 1 || id == 2
}

func (knownWorld) PublisherPaused(account, publisher int64) bool {
	return account == 7 && publisher == 9
}

func (knownWorld) PixelAccount(host string) (int64, bool) { return 7, host == pixelHost }

func (knownWorld) IsToken(text string) bool { return text == importedToken }
func (knownWorld) HasImportedTokens() bool  { return true }

// knownTokens are the imported one and a few generated ones of account 7.
var knownTokens = sync.OnceValue(func() map[token.Digest]bool {
	keys, err := token.ParseKeys(testSecret)
	if err != nil {
		panic(err)
	}
	return map[token.Digest]bool{token.DigestOf(importedToken): true, token.DigestOf(keys.Token(7, 0, 1)): true}
})

func (knownWorld) KnowsToken(digest token.Digest) bool { return knownTokens()[digest] }

var errQueue = errors.New("the queue is down")

// recorder is a Queue that keeps its hits. put, when set, decides the result of a
// Put.
type recorder struct {
	put func(ctx context.Context) error

	mu   sync.Mutex
	hits []*hit.Hit
}

func (q *recorder) Put(ctx context.Context, h *hit.Hit) error {
	if q.put != nil {
		if err := q.put(ctx); err != nil {
			return err
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.hits = append(q.hits, h)
	return nil
}

func (q *recorder) taken() []*hit.Hit {
	q.mu.Lock()
	defer q.mu.Unlock()
	return append([]*hit.Hit(nil), q.hits...)
}

func (q *recorder) forget() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.hits = nil
}

// How long a test waits for an event, and how often it checks.
const (
	testTimeout = 5 * time.Second
	poll        = time.Millisecond
)

// doors is a receiver on a real port, with its queue, its log and its observations.
type doors struct {
	t        testing.TB
	server   *Server
	address  string
	receiver *Receiver
	client   *http.Client
	queue    *recorder
	keys     token.Keys
	token    string
	log      *lockedBuffer

	mu           sync.Mutex
	observations []Observation
}

type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// now is when every request of the tests arrives.
var now = time.Date(2026, 3, 4, 5, 6, 7, 891_234_000, time.UTC)

func open(t testing.TB, change ...func(*Options)) *doors {
	t.Helper()
	return openWith(t, func(*Server) {}, change...)
}

// openWith also changes the server before it starts.
func openWith(t testing.TB, configure func(*Server), change ...func(*Options)) *doors {
	t.Helper()
	keys, err := token.ParseKeys(testSecret)
	require.NoError(t, err)
	d := &doors{t: t, queue: &recorder{}, keys: keys, token: keys.Token(7, 0, 1), log: &lockedBuffer{}}
	options := Options{
		Queue: d.queue, Directory: knownWorld{}, Keys: keys,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")},
		Clock:          func() time.Time { return now },
		Logger:         slog.New(slog.NewTextHandler(d.log, nil)),
		Observe: func(o Observation) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.observations = append(d.observations, o)
			d.foreseen(o)
		},
	}
	for _, c := range change {
		c(&options)
	}
	d.receiver, err = New(options)
	require.NoError(t, err)
	d.server = NewServer(d.receiver)
	configure(d.server)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	d.address = listener.Addr().String()
	served := make(chan error, 1)
	go func() { served <- d.server.Serve(listener) }()
	d.client = &http.Client{
		Transport:     &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(func() {
		d.client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		assert.NoError(t, d.server.Shutdown(ctx))
		assert.NoError(t, <-served)
	})
	return d
}

// reply is a response as a client receives it.
type reply struct {
	status int
	header http.Header
	body   string
	// closes is set when the connection is closed after this response.
	closes bool
}

func (d *doors) send(method, target, body string, header ...string) reply {
	d.t.Helper()
	request, err := http.NewRequest(method, "http://"+d.address+target, strings.NewReader(body))
	require.NoError(d.t, err)
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			request.Host = header[i+1]
		}
		request.Header.Add(header[i], header[i+1])
	}
	response, err := d.client.Do(request)
	require.NoError(d.t, err)
	return readReply(d.t, response)
}

func (d *doors) get(target string, header ...string) reply {
	d.t.Helper()
	return d.send(http.MethodGet, target, "", header...)
}

// raw sends bytes and reads the given number of responses.
func (d *doors) raw(text string, answers int) []reply {
	d.t.Helper()
	conn := d.dial()
	_, err := io.WriteString(conn, text)
	require.NoError(d.t, err)
	reader := bufio.NewReader(conn)
	replies := make([]reply, answers)
	for i := range replies {
		response, err := http.ReadResponse(reader, nil)
		require.NoError(d.t, err)
		replies[i] = readReply(d.t, response)
	}
	return replies
}

func readReply(t testing.TB, response *http.Response) reply {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return reply{response.StatusCode, response.Header, string(body), response.Close}
}

// only returns the one hit that was recorded, and checks that it can be encoded and
// decoded.
func (d *doors) only() *hit.Hit {
	d.t.Helper()
	hits := d.queue.taken()
	require.Len(d.t, hits, 1)
	data, err := hits[0].Encode()
	require.NoError(d.t, err)
	decoded, err := hit.Decode(data)
	require.NoError(d.t, err)
	return decoded
}

func (d *doors) observed() []Observation {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Observation(nil), d.observations...)
}

// fill puts the token and a new transaction_id into a text.
func (d *doors) fill(text string) string {
	return strings.NewReplacer("TOKEN", d.token, "ID", d.id().String()).Replace(text)
}

// id mints a transaction_id.
func (d *doors) id() token.TransactionID { return d.keys.Mint(now.Add(-time.Hour)) }

// accepted checks a plain response to an accepted hit and returns its receipt.
func (r reply) accepted(t testing.TB) uuid.UUID {
	t.Helper()
	require.Equal(t, http.StatusOK, r.status, r.body)
	receipt, err := uuid.Parse(r.header.Get("X-Receipt"))
	require.NoError(t, err)
	require.Equal(t, "OK "+receipt.String(), r.body)
	require.Equal(t, "text/plain; charset=utf-8", r.header.Get("Content-Type"))
	r.plain(t)
	return receipt
}

// plain checks the headers that every response has.
func (r reply) plain(t testing.TB) {
	t.Helper()
	require.Equal(t, "no-store", r.header.Get("Cache-Control"))
	require.Equal(t, "nosniff", r.header.Get("X-Content-Type-Options"))
}

// oneLine checks that a response is one line of plain text.
func (r reply) oneLine(t testing.TB) {
	t.Helper()
	r.plain(t)
	require.Equal(t, "text/plain; charset=utf-8", r.header.Get("Content-Type"))
	require.True(t, strings.HasSuffix(r.body, "\n"))
	require.Equal(t, 1, strings.Count(r.body, "\n"), r.body)
	require.Greater(t, len(r.body), 10)
}
