package receiver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// answer is the response of a door; write sends it.
type answer struct {
	status  int
	result  Result
	kind    hit.Kind
	refusal outcome.Reason
	// receipt is the id of the recorded hit; zero when none was recorded.
	receipt uuid.UUID
	// link is the path at which the sender sees what became of the hit; empty unless the
	// response is JSON.
	link string
	// line is the text of the response, except for an accepted hit.
	line string
	// note is the note on an accepted hit.
	note string
	// test is set when the mark of a test holds here.
	test        bool
	location    string
	gif         bool
	allow       string
	vary        string
	retryAfter  time.Duration
	tokenLeaked bool
}

// transparentGIF is one transparent pixel: header, two-colour palette,
// graphic control with transparency, one image of 1x1, trailer.
const transparentGIF = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" +
	"!\xf9\x04\x01\x00\x00\x00\x00" +
	",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// The headers that all responses share. Their names are canonical, so that fasthttp need
// not normalize them.
var (
	cacheControl   = []byte("Cache-Control")
	noStore        = []byte("no-store")
	contentOptions = []byte("X-Content-Type-Options")
	noSniff        = []byte("nosniff")
	referrerPolicy = []byte("Referrer-Policy")
	noReferrer     = []byte("no-referrer")
	robotsTag      = []byte("X-Robots-Tag")
	noRobots       = []byte("noindex, nofollow")
)

// write writes the response. A client that has closed the connection is not an error: its
// hit is recorded or not, with or without a response.
func (a answer) write(ctx *fasthttp.RequestCtx) {
	header := &ctx.Response.Header
	header.SetStatusCode(a.status)
	header.SetCanonical(cacheControl, noStore)
	header.SetCanonical(contentOptions, noSniff)
	setIf(header, "Allow", a.allow)
	setIf(header, "Vary", a.vary)
	setIf(header, "X-Note", a.note)
	if a.test {
		header.Set(hit.TestHeader, "true")
	}
	if a.receipt != uuid.Nil {
		header.Set("X-Receipt", a.receipt.String())
	}
	if a.retryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(a.retryAfter/time.Second)))
	}
	switch {
	case a.location != "":
		header.Set("Location", a.location)
		// The destination and its third parties must not see the parameters of the link,
		// and search engines must not index it.
		header.SetCanonical(referrerPolicy, noReferrer)
		header.SetCanonical(robotsTag, noRobots)
	case a.status == fasthttp.StatusNoContent:
	case a.gif:
		header.SetContentType("image/gif")
		ctx.Response.SetBodyString(transparentGIF)
	case wantsJSON(&ctx.Request.Header):
		header.SetContentType("application/json; charset=utf-8")
		ctx.Response.SetBodyString(a.json())
	default:
		header.SetContentType("text/plain; charset=utf-8")
		ctx.Response.SetBodyString(a.text())
	}
}

// endsConn reports whether the connection is closed after the response, because its
// sender exceeded a bound and would probably do so again.
func (a answer) endsConn() bool {
	switch a.status {
	case fasthttp.StatusRequestTimeout, fasthttp.StatusRequestEntityTooLarge, fasthttp.StatusRequestURITooLong,
		fasthttp.StatusTooManyRequests, fasthttp.StatusRequestHeaderFieldsTooLarge:
		return true
	}
	return false
}

func (a answer) text() string {
	switch {
	case a.result == Accepted:
		return "OK " + a.receipt.String()
	case a.line == "":
		return ""
	default:
		return a.line + "\n"
	}
}

// The bodies of responses to requests with Accept: application/json.
type (
	acceptedJSON struct {
		Receipt string   `json:"receipt"`
		Kind    hit.Kind `json:"kind"`
		Status  string   `json:"status"`
		Note    string   `json:"note,omitempty"`
		Link    string   `json:"link"`
	}
	errorJSON struct {
		Error   string `json:"error"`
		Reason  string `json:"reason,omitempty"`
		Receipt string `json:"receipt,omitempty"`
		Link    string `json:"link,omitempty"`
	}
)

func (a answer) json() string {
	var body any
	if a.result == Accepted {
		body = acceptedJSON{a.receipt.String(), a.kind, "accepted", a.note, a.link}
	} else {
		receipt := ""
		if a.receipt != uuid.Nil {
			receipt = a.receipt.String()
		}
		body = errorJSON{a.line, string(a.refusal), receipt, a.link}
	}
	data, err := json.Marshal(body)
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(data) + "\n"
}

// joinNotes joins two notes, either of which may be empty.
func joinNotes(first, second string) string {
	if first == "" || second == "" {
		return first + second
	}
	return first + "; " + second
}

// receiptLink returns the path, at the address of integr8 web, at which whoever has it sees
// what became of a hit.
func receiptLink(keys token.Keys, receipt uuid.UUID) string {
	return "/receipt/" + receipt.String() + "?sig=" + keys.SignReceipt(receipt)
}

func wantsJSON(header *fasthttp.RequestHeader) bool {
	for _, accept := range header.PeekAll("Accept") {
		if bytes.Contains(bytes.ToLower(accept), []byte("application/json")) {
			return true
		}
	}
	return false
}

func setIf(header *fasthttp.ResponseHeader, name, value string) {
	if value != "" {
		header.Set(name, value)
	}
}

func refused(refusal outcome.Reason, subject string) answer {
	return answer{status: fasthttp.StatusBadRequest, result: Refused, refusal: refusal, line: refusal.SenderText(subject)}
}

func notFound(refusal outcome.Reason) answer {
	return answer{status: fasthttp.StatusNotFound, result: NotFound, refusal: refusal, line: refusal.SenderText("")}
}

func methodNotAllowed(allow string) answer {
	return answer{
		status: fasthttp.StatusMethodNotAllowed, result: Unacceptable, refusal: outcome.WrongMethod,
		allow: allow, line: "this address accepts only: " + allow,
	}
}

func tooLarge(status int, what string, limit int) answer {
	return answer{
		status: status, result: Unacceptable, refusal: outcome.TooLarge,
		line: fmt.Sprintf("%s: at most %d bytes are accepted; %s", what, limit, shorten[status]),
	}
}

// shorten holds, by status, what the sender can do about a size.
var shorten = map[int]string{
	fasthttp.StatusRequestEntityTooLarge:       "leave out what is not needed, the query alone is enough",
	fasthttp.StatusRequestURITooLong:           "leave out what is not needed, or send a postback by POST",
	fasthttp.StatusRequestHeaderFieldsTooLarge: "send fewer or shorter cookies and other headers",
}

func unacceptable(status int, line string) answer {
	return answer{status: status, result: Unacceptable, line: line}
}

// The values of Retry-After. An outage of the broker lasts longer than an overload of the
// doors.
const (
	retryAfterOutage   = 5 * time.Second
	retryAfterOverload = time.Second
)

func unavailable() answer {
	return answer{
		status: fasthttp.StatusServiceUnavailable, result: Unavailable, retryAfter: retryAfterOutage,
		line: "the hit could not be stored just now: send it again later",
	}
}

func overloaded() answer {
	return answer{
		status: fasthttp.StatusServiceUnavailable, result: Overloaded, retryAfter: retryAfterOverload,
		line: "too many requests are under way: send it again later",
	}
}

func tooMany(perSecond int) answer {
	return answer{
		status: fasthttp.StatusTooManyRequests, result: TooMany, retryAfter: retryAfterOverload,
		line: fmt.Sprintf("more than %d requests a second came from your address: send it again later", perSecond),
	}
}

func unreadable() answer {
	return unacceptable(fasthttp.StatusBadRequest, "malformed HTTP request")
}

func panicked() answer {
	return answer{
		status: fasthttp.StatusInternalServerError, result: Panicked,
		line: "the server failed to handle the request: send it again later",
	}
}
