package receiver

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/hit"
)

// answer is what a door decides; write puts it on the wire.
type answer struct {
	status  int
	result  Result
	kind    hit.Kind
	refusal hit.Refusal
	// receipt is the id of the recorded hit; zero when none was recorded.
	receipt uuid.UUID
	// line is the plain text of anything but an accepted hit.
	line string
	// note is a remark on an accepted hit.
	note        string
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

// The headers that all answers share, under the canonical names by which
// net/http finds them: it copies a header before it sends it, and nothing may
// write to these.
var (
	noStore    = []string{"no-store"}
	noSniff    = []string{"nosniff"}
	noReferrer = []string{"no-referrer"}
	noRobots   = []string{"noindex, nofollow"}
	asGIF      = []string{"image/gif"}
	asJSON     = []string{"application/json; charset=utf-8"}
	asText     = []string{"text/plain; charset=utf-8"}
)

// write sends the answer. A client that has gone away is no failure: what it
// sent is recorded or not, whoever hears of it.
func (a answer) write(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header["Cache-Control"] = noStore
	header["X-Content-Type-Options"] = noSniff
	setIf(header, "Allow", a.allow)
	setIf(header, "Vary", a.vary)
	setIf(header, "X-Note", a.note)
	if a.receipt != uuid.Nil {
		header["X-Receipt"] = []string{a.receipt.String()}
	}
	if a.retryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(a.retryAfter/time.Second)))
	}
	switch {
	case a.location != "":
		header["Location"] = []string{a.location}
		// What the link carried is nobody's business down the road, and a
		// search engine has no use for it.
		header["Referrer-Policy"] = noReferrer
		header["X-Robots-Tag"] = noRobots
		w.WriteHeader(a.status)
	case a.status == http.StatusNoContent:
		w.WriteHeader(a.status)
	case a.gif:
		send(w, a.status, asGIF, transparentGIF)
	case wantsJSON(r):
		send(w, a.status, asJSON, a.json())
	default:
		send(w, a.status, asText, a.text())
	}
}

func send(w http.ResponseWriter, status int, contentType []string, body string) {
	header := w.Header()
	header["Content-Type"] = contentType
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // fails only when the client has gone
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

// The JSON forms, for senders that ask for them.
type (
	acceptedJSON struct {
		Receipt string   `json:"receipt"`
		Kind    hit.Kind `json:"kind"`
		Status  string   `json:"status"`
		Note    string   `json:"note,omitempty"`
	}
	errorJSON struct {
		Error   string `json:"error"`
		Reason  string `json:"reason,omitempty"`
		Receipt string `json:"receipt,omitempty"`
	}
)

func (a answer) json() string {
	var body any
	if a.result == Accepted {
		body = acceptedJSON{a.receipt.String(), a.kind, "accepted", a.note}
	} else {
		receipt := ""
		if a.receipt != uuid.Nil {
			receipt = a.receipt.String()
		}
		body = errorJSON{a.line, string(a.refusal), receipt}
	}
	data, err := json.Marshal(body)
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(data) + "\n"
}

func wantsJSON(r *http.Request) bool {
	for _, accept := range r.Header["Accept"] {
		if strings.Contains(strings.ToLower(accept), "application/json") {
			return true
		}
	}
	return false
}

func setIf(header http.Header, name, value string) {
	if value != "" {
		header.Set(name, value)
	}
}

func refused(refusal hit.Refusal, subject string) answer {
	return answer{status: http.StatusBadRequest, result: Refused, refusal: refusal, line: refusal.Text(subject)}
}

func notFound(line string) answer {
	return answer{status: http.StatusNotFound, result: NotFound, line: line}
}

func methodNotAllowed(allow string) answer {
	return answer{status: http.StatusMethodNotAllowed, result: Unacceptable, allow: allow, line: "this address takes only: " + allow}
}

func tooLarge(status int, what string, limit int) answer {
	return answer{status: status, result: Unacceptable, line: fmt.Sprintf("%s: at most %d bytes are taken", what, limit)}
}

func unacceptable(status int, line string) answer {
	return answer{status: status, result: Unacceptable, line: line}
}

// The times after which a sender is asked to try again. An outage of the
// broker lasts longer than a crowd at the door.
const (
	retryAfterOutage   = 5 * time.Second
	retryAfterOverload = time.Second
)

func unavailable() answer {
	return answer{
		status: http.StatusServiceUnavailable, result: Unavailable, retryAfter: retryAfterOutage,
		line: "the hit could not be stored just now: send it again later",
	}
}

func overloaded() answer {
	return answer{
		status: http.StatusServiceUnavailable, result: Overloaded, retryAfter: retryAfterOverload,
		line: "too many requests are under way: send it again later",
	}
}

func tooMany(perSecond int) answer {
	return answer{
		status: http.StatusTooManyRequests, result: TooMany, retryAfter: retryAfterOverload,
		line: fmt.Sprintf("more than %d requests a second came from your address: send it again later", perSecond),
	}
}

func panicked() answer {
	return answer{
		status: http.StatusInternalServerError, result: Panicked,
		line: "something went wrong here: send it again later",
	}
}
