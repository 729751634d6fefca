package receiver

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

func (d *doors) dial() net.Conn {
	d.t.Helper()
	conn, err := net.Dial("tcp", d.address)
	require.NoError(d.t, err)
	d.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestReceiverNeedsItsParts(t *testing.T) {
	t.Parallel()
	keys, err := token.ParseKeys(testSecret)
	require.NoError(t, err)
	for name, options := range map[string]Options{
		"no queue":     {Directory: knownWorld{}, Keys: keys},
		"no directory": {Queue: &recorder{}, Keys: keys},
		"no secret":    {Queue: &recorder{}, Directory: knownWorld{}},
	} {
		_, err := New(options)
		require.Error(t, err, name)
	}
	_, err = New(Options{Queue: &recorder{}, Directory: knownWorld{}, Keys: keys})
	require.NoError(t, err)
}

func TestUnknownPathsAreNotFound(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, path := range []string{"/nope", "/postback/x", "/click.php", "/favicon.ico", "/robots.txt", "//nope", "/pixel.gif"} {
		r := d.get(path)
		require.Equal(t, http.StatusNotFound, r.status, path)
		r.oneLine(t)
	}
	require.Empty(t, d.queue.taken())
}

func TestASlashAtTheEndIsForgiven(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.get("/postback/?secure=" + d.token + "&transaction_id=" + d.id().String()).accepted(t)
	require.Equal(t, "/postback/", d.only().Path)
}

func TestOtherMethodsAreToldWhatIsTaken(t *testing.T) {
	t.Parallel()
	d := open(t)
	for path, allow := range map[string]string{
		"/": "GET, HEAD, POST", "/postback": "GET, HEAD, POST", "/clickless": "GET, HEAD, POST", "/click": "GET, HEAD", "/pixel": "GET, HEAD",
	} {
		for _, method := range []string{"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "POST", "BREW"} {
			if strings.Contains(allow, method) {
				continue
			}
			r := d.send(method, path+"?transaction_id="+d.id().String(), "", "Host", pixelHost)
			require.Equal(t, http.StatusMethodNotAllowed, r.status, "%s %s", method, path)
			require.Equal(t, allow, r.header.Get("Allow"))
			r.oneLine(t)
		}
	}
	require.Empty(t, d.queue.taken())
}

func TestRequestsThatFollowEachOtherOnOneConnectionAreAllAnsweredInOrder(t *testing.T) {
	t.Parallel()
	d := open(t)
	request := func(target string) string { return "GET " + target + " HTTP/1.1\r\nHost: h.example\r\n\r\n" }
	good := "/?secure=" + d.token + "&transaction_id=" + d.id().String()
	replies := d.raw(request(good)+request("/?secure=+")+request("/nope")+request("/click?offer=1&publisher=2")+request(good), 5)
	var statuses []int
	for _, r := range replies {
		statuses = append(statuses, r.status)
	}
	require.Equal(t, []int{200, 400, 404, 302, 200}, statuses)
	require.Len(t, d.queue.taken(), 3)
}

func TestASenderThatAsksWhetherToSendItsBodyIsToldSo(t *testing.T) {
	t.Parallel()
	d := open(t)
	body := "secure=" + d.token + "&transaction_id=" + d.id().String()
	replies := d.raw(fmt.Sprintf("POST / HTTP/1.1\r\nHost: h.example\r\nExpect: 100-continue\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		formType, len(body), body), 2)
	require.Equal(t, http.StatusContinue, replies[0].status)
	replies[1].accepted(t)
}

func TestAnOldClientIsServedAndItsConnectionEndsUnlessItAsksOtherwise(t *testing.T) {
	t.Parallel()
	d := open(t)
	target := "GET /?secure=" + d.token + "&transaction_id=" + d.id().String() + " HTTP/1.0\r\n"
	r := d.raw(target+"\r\n", 1)[0]
	r.accepted(t)
	require.True(t, r.closes)
	for _, r := range d.raw(strings.Repeat(target+"Connection: keep-alive\r\n\r\n", 2), 2) {
		r.accepted(t)
	}
}

func TestABodyOfAGETIsPassedOver(t *testing.T) {
	t.Parallel()
	d := open(t)
	request := "GET /?secure=" + d.token + "&transaction_id=" + d.id().String() + " HTTP/1.1\r\nHost: h.example\r\nContent-Length: 22\r\n\r\nGET /nope HTTP/1.1\r\n\r\n"
	for _, r := range d.raw(strings.Repeat(request, 2), 2) {
		r.accepted(t)
	}
	require.Len(t, d.queue.taken(), 2)
}

func TestABodyThatNeverEndsIsCutOffAndHurtsNobody(t *testing.T) {
	t.Parallel()
	d := openWith(t, func(s *Server) { s.bodyTimeout = 300 * time.Millisecond })
	slow := d.dial()
	_, err := io.WriteString(slow, "POST / HTTP/1.1\r\nHost: h.example\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"secure\":")
	require.NoError(t, err)
	d.get("/?secure=" + d.token + "&transaction_id=" + d.id().String()).accepted(t)

	answer, err := io.ReadAll(slow) // until the server closes the connection
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(answer), "HTTP/1.1 408 "), "%.40s", answer)
	require.Len(t, d.queue.taken(), 1)
}

func TestABodyThatBreaksOffIsNotTaken(t *testing.T) {
	t.Parallel()
	d := open(t)
	conn := d.dial()
	_, err := fmt.Fprintf(conn, "POST /?secure=%s&transaction_id=%s HTTP/1.1\r\nHost: h.example\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", d.token, d.id())
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(answer), "HTTP/1.1 400 "), "%.40s", answer)
	require.Empty(t, d.queue.taken())
}

// held makes a queue whose hits wait until release is called; arrived counts the
// waiting hits.
func held() (change func(*Options), arrived chan struct{}, release func()) {
	arrived = make(chan struct{}, 100)
	open := make(chan struct{})
	var once sync.Once
	return func(o *Options) {
		o.PublishTimeout = time.Minute
		o.Queue.(*recorder).put = func(ctx context.Context) error {
			arrived <- struct{}{}
			select {
			case <-open:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}, arrived, func() { once.Do(func() { close(open) }) }
}

func TestMoreRequestsThanTheBoundAreAnswered503AndTheOthersServed(t *testing.T) {
	t.Parallel()
	hold, arrived, release := held()
	d := open(t, hold, func(o *Options) { o.MaxConcurrent = 3 })
	defer release()
	target := "/?secure=" + d.token + "&transaction_id=" + d.id().String()
	replies := make(chan reply, 3)
	for range 3 {
		go func() { replies <- d.get(target) }()
	}
	for range 3 {
		<-arrived
	}
	r := d.get(target)
	require.Equal(t, http.StatusServiceUnavailable, r.status)
	require.Equal(t, "1", r.header.Get("Retry-After"))
	r.oneLine(t)

	release()
	for range 3 {
		r := <-replies
		r.accepted(t)
	}
	d.get(target).accepted(t)
	require.Len(t, d.queue.taken(), 4)
	require.Eventually(t, func() bool {
		return slices.ContainsFunc(d.observed(), func(o Observation) bool { return o.Result == Overloaded })
	}, testTimeout, poll)
}

func TestAClientThatHangsUpDoesNotStopItsHit(t *testing.T) {
	t.Parallel()
	hold, arrived, release := held()
	d := open(t, hold)
	defer release()
	conn := d.dial()
	_, err := fmt.Fprintf(conn, "GET /?secure=%s&transaction_id=%s HTTP/1.1\r\nHost: h.example\r\n\r\n", d.token, d.id())
	require.NoError(t, err)
	<-arrived
	require.NoError(t, conn.Close())
	release()
	require.Eventually(t, func() bool { return len(d.queue.taken()) == 1 }, testTimeout, poll)
}

func TestAPanicIsAnswered500ForItsRequestOnlyAndLogsNoValue(t *testing.T) {
	t.Parallel()
	d := open(t)
	var panicked atomic.Bool
	d.queue.put = func(context.Context) error {
		if panicked.CompareAndSwap(false, true) {
			panic(fmt.Errorf("private-word"))
		}
		return nil
	}
	target := "/?secure=" + d.token + "&transaction_id=" + d.id().String()
	r := d.get(target)
	require.Equal(t, http.StatusInternalServerError, r.status)
	r.oneLine(t)
	require.Contains(t, d.log.String(), "a door panicked")
	require.NotContains(t, d.log.String(), "private-word")
	require.NotContains(t, d.log.String(), d.token)
	d.get(target).accepted(t)
}

func TestAPanicOfTheRuntimeIsLoggedWithItsText(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.queue.put = func(context.Context) error {
		var empty []int
		_ = empty[len(empty)]
		return nil
	}
	require.Equal(t, http.StatusInternalServerError, d.get("/click?offer=1&publisher=2").status)
	require.Contains(t, d.log.String(), "index out of range")
}

func TestAQueueThatFailsIsAnswered503AndLoggedOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.queue.put = func(context.Context) error { return errQueue }
	for _, path := range []string{"/?transaction_id=" + d.id().String(), "/pixel?transaction_id=" + d.id().String(), "/clickless?publisher=2"} {
		r := d.get(path+"&secure="+d.token, "Host", pixelHost)
		require.Equal(t, http.StatusServiceUnavailable, r.status)
		require.Equal(t, "5", r.header.Get("Retry-After"))
		require.Empty(t, r.header.Get("X-Receipt"))
		r.oneLine(t)
	}
	require.Equal(t, 1, strings.Count(d.log.String(), "\n"), d.log.String())
	for _, o := range d.observed() {
		require.Equal(t, Unavailable, o.Result)
	}
}

func TestAQueueThatHangsIsGivenUpInTime(t *testing.T) {
	t.Parallel()
	hold, _, release := held()
	d := open(t, hold, func(o *Options) { o.PublishTimeout = 20 * time.Millisecond })
	defer release()
	require.Equal(t, http.StatusServiceUnavailable, d.get("/?secure="+d.token+"&transaction_id="+d.id().String()).status)
}

func TestEveryAnswerIsObserved(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.get("/?secure=" + d.token + "&transaction_id=" + d.id().String())
	d.get("/?secure=" + d.token)
	d.get("/nope")
	d.get("/click?offer=1&publisher=2&secure=" + d.token)
	d.get("/click?offer=2&publisher=2")
	d.send("HEAD", "/", "")
	d.send("PUT", "/pixel", "")
	want := []Observation{
		{Kind: hit.Postback, Result: Accepted, Status: 200},
		{Kind: hit.Postback, Result: Refused, Refusal: outcome.MissingTransactionID, Status: 400},
		{Result: NotFound, Refusal: outcome.UnknownPath, Status: 404},
		{Kind: hit.Click, Result: Accepted, Status: 302, TokenLeaked: true},
		{Kind: hit.Click, Result: NotAvailable, Refusal: outcome.OfferPaused, Status: 404},
		{Kind: hit.Postback, Result: NotAVisit, Status: 200},
		{Kind: hit.Pixel, Result: Unacceptable, Refusal: outcome.WrongMethod, Status: 405},
	}
	require.Eventually(t, func() bool { return len(d.observed()) == len(want) }, testTimeout, poll)
	for i, o := range d.observed() {
		require.Positive(t, o.Duration)
		o.Duration = 0
		require.Equal(t, want[i], o)
	}
}

func TestWhatIsNoHTTPIsRefusedAndNeighboursAreServed(t *testing.T) {
	t.Parallel()
	d := open(t)
	for name, c := range map[string]struct {
		request string
		status  int
	}{
		"a path with broken encoding": {"GET /%zz HTTP/1.1\r\nHost: h.example\r\n\r\n", 400},
		"a NUL in the path":           {"GET /\x00 HTTP/1.1\r\nHost: h.example\r\n\r\n", 400},
		"no host":                     {"GET / HTTP/1.1\r\n\r\n", 400},
		"no HTTP":                     {"hello\r\n\r\n", 400},
		"headers without end":         {"GET / HTTP/1.1\r\nHost: h.example\r\nX: " + strings.Repeat("x", 256<<10) + "\r\n\r\n", 431},
	} {
		t.Run(name, func(t *testing.T) {
			conn := d.dial()
			go func() { _, _ = io.WriteString(conn, c.request) }() // the server may stop reading
			status := make([]byte, len("HTTP/1.1 400"))
			_, err := io.ReadFull(conn, status)
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintf("HTTP/1.1 %d", c.status), string(status))
		})
	}
	d.get("/?secure=" + d.token + "&transaction_id=" + d.id().String()).accepted(t)
	require.Len(t, d.queue.taken(), 1)
}
