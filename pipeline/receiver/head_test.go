package receiver

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// chunks encodes a body in chunks.
func chunks(pieces ...string) string {
	var body strings.Builder
	for _, piece := range append(pieces, "") {
		fmt.Fprintf(&body, "%x\r\n%s\r\n", len(piece), piece)
	}
	return body.String()
}

// unwhole sends a request piece by piece, of which the server may read only a part,
// and reads the response.
func (d *doors) unwhole(pieces ...string) reply {
	d.t.Helper()
	conn := d.dial()
	go func() { // the server may stop reading
		for _, piece := range pieces {
			if _, err := io.WriteString(conn, piece); err != nil {
				return
			}
		}
	}()
	for reader := bufio.NewReader(conn); ; {
		response, err := http.ReadResponse(reader, nil)
		require.NoError(d.t, err)
		if response.StatusCode != http.StatusContinue {
			return readReply(d.t, response)
		}
	}
}

// A request with a token in the part that was read is recorded, also when the server's
// library keeps nothing of it.
func TestTheBeginningOfARequestThatIsTooLargeIsRecorded(t *testing.T) {
	t.Parallel()
	const forwarded = "Host: h.example\r\nX-Forwarded-For: 203.0.113.9\r\nUser-Agent: shop/1\r\n"
	const chunked = " HTTP/1.1\r\n" + forwarded + "Transfer-Encoding: chunked\r\n"
	const inChunk = "a form that names the token, in chunks"
	large := strings.Repeat("x", 70<<10)
	for name, row := range map[string]struct {
		pieces []string
		status int
		client string
	}{
		"a large chunk":                  {[]string{"POST /?secure=TOKEN" + chunked + "\r\n" + chunks(large)}, 413, "203.0.113.9"},
		"many chunks":                    {[]string{"POST /postback?secure=TOKEN" + chunked + "\r\n" + chunks(large[:40<<10], large[:40<<10])}, 413, "203.0.113.9"},
		"chunks, the token in the body":  {[]string{"POST /" + chunked + "Content-Type: " + formType + "\r\n\r\n", inChunk}, 413, "203.0.113.9"},
		"chunks, asked for":              {[]string{"POST /?secure=TOKEN" + chunked + "Expect: 100-continue\r\n\r\n" + chunks(large)}, 413, "203.0.113.9"},
		"a large header":                 {[]string{"GET /?secure=TOKEN&transaction_id=ID HTTP/1.1\r\n" + forwarded + "Cookie: " + large + "\r\n\r\n"}, 431, "203.0.113.9"},
		"a large header, clickless":      {[]string{"GET /clickless?secure=TOKEN&publisher=2 HTTP/1.1\r\n", forwarded, "Cookie: " + large, "\r\n\r\n"}, 431, "203.0.113.9"},
		"a large header, piece by piece": {[]string{"GE", "T /?secure=TOKEN&transaction_id=ID HT", "TP/1.1\r", "\n" + forwarded + "Cookie: ", large[:20<<10], large}, 431, "203.0.113.9"},
		"the address behind the bound":   {[]string{"GET /?secure=TOKEN HTTP/1.1\r\nCookie: " + large[:10<<10] + "\r\n" + forwarded + "Cookie: " + large}, 431, "127.0.0.1"},
		"a URL beyond the buffer":        {[]string{"GET /?secure=TOKEN&x=" + large}, 414, "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			for i := range row.pieces {
				row.pieces[i] = d.fill(row.pieces[i])
				if row.pieces[i] == inChunk {
					row.pieces[i] = chunks("a=b&secure="+d.token+"&x=", large)
				}
			}
			r := d.unwhole(row.pieces...)
			require.Equal(t, row.status, r.status)
			r.oneLine(t)
			h := d.only()
			require.Equal(t, outcome.TooLarge, h.Refusal)
			require.Equal(t, h.ID.String(), r.header.Get("X-Receipt"))
			require.Equal(t, token.DigestOf(d.token), h.TokenDigest)
			require.Equal(t, row.client, h.ClientIP)
			carriesNoSecret(t, d, name, r.body)
		})
	}
}

func TestABodyInChunksThatIsTooLargeNeverUndoesACompleteQuery(t *testing.T) {
	t.Parallel()
	d := open(t)
	r := d.unwhole(d.fill("POST /?secure=TOKEN&transaction_id=ID HTTP/1.1\r\nHost: h.example\r\nTransfer-Encoding: chunked\r\n\r\n") + chunks(strings.Repeat("x", 70<<10)))
	r.accepted(t)
	require.Contains(t, r.header.Get("X-Note"), "the body: too large, left out")
	require.True(t, r.closes)
	d.only()
}

func TestOfARequestThatComesWholeNothingIsKept(t *testing.T) {
	t.Parallel()
	const limit = 100
	for name, pieces := range map[string][]string{
		"at once":                     {"GET / HTTP/1.1\r\n\r\n"},
		"the first byte alone":        {"G", "ET / HTTP/1.1\r\n\r\n"},
		"with a body":                 {"POST / HTTP/1.1\r\nContent-Length: 200\r\n\r\n", strings.Repeat("x", 200)},
		"the end of the header apart": {"GET / HTTP/1.1\r", "\n\r", "\n"},
	} {
		var h head
		for _, piece := range pieces {
			h.add([]byte(piece), limit)
		}
		require.LessOrEqual(t, len(h.kept), 1, name)
		require.True(t, h.enough, name)
	}
	var h head
	h.add([]byte("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"+strings.Repeat("x", 200)), limit)
	require.Len(t, h.kept, limit)
	h.reset()
	require.Zero(t, cap(h.kept))
}

func FuzzHead(f *testing.F) {
	f.Add("GET /?secure=a&b=c HTTP/1.1\r\nHost: h\r\n", 7)
	f.Add("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc", 1)
	f.Add("GET /?a", 3)
	f.Fuzz(func(t *testing.T, text string, at int) {
		const limit = 64
		var h head
		at = max(0, min(at, len(text)))
		h.add([]byte(text[:at]), limit)
		h.add([]byte(text[at:]), limit)
		require.LessOrEqual(t, len(h.kept), limit)
		var request fasthttp.Request
		if h.restore(&request) {
			require.True(t, strings.HasPrefix(text, string(request.Header.Method())))
			require.Contains(t, text, string(request.Header.RequestURI()))
		}
	})
}
