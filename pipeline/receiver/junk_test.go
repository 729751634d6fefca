package receiver

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// bounded makes a receiver that records two refusals a second in all, and one of a
// network. X-Forwarded-For has the sender's address.
func bounded(o *Options) {
	o.JunkPerSecond, o.JunkPerNetwork = 2, 1
	o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
}

func countJunk(counts *[3]atomic.Int64) func(*Options) {
	return func(o *Options) {
		o.ObserveJunk = func(what Junk, refusal outcome.Reason) {
			if !slices.Contains(JunkObservations(), JunkObservation{what, refusal}) {
				panic(fmt.Sprintf("%s %s is not among JunkObservations", what, refusal))
			}
			switch what {
			case OverQuota:
				counts[0].Add(1)
			case NotTaken:
				counts[1].Add(1)
			case Surplus:
				counts[2].Add(1)
			}
		}
	}
}

func (d *doors) refusedFrom(address, token string) reply {
	d.t.Helper()
	r := d.get("/?secure="+token+"&transaction_id=REPLACE", "X-Forwarded-For", address)
	require.Equal(d.t, http.StatusBadRequest, r.status)
	return r
}

func TestRefusalsPastTheRateAreCountedAndNotRecorded(t *testing.T) {
	t.Parallel()
	var counts [3]atomic.Int64
	d := open(t, bounded, countJunk(&counts))
	receipts := 0
	for i := range 100 {
		if d.refusedFrom(fmt.Sprintf("203.0.113.%d", i), "unknown").header.Get("X-Receipt") != "" {
			receipts++
		}
	}
	require.Equal(t, quotaSeconds, receipts, "one network has its own share")
	for i := range 100 {
		d.refusedFrom(fmt.Sprintf("2001:db8:1:%d::1", i), "unknown")
	}
	for i := range 100 {
		d.refusedFrom(fmt.Sprintf("198.51.%d.1", i), "unknown")
	}
	require.Len(t, d.queue.taken(), 2*quotaSeconds, "and all together have theirs")
	require.EqualValues(t, 300-2*quotaSeconds, counts[0].Load())
	for _, o := range d.observed() {
		require.Equal(t, outcome.PlaceholderTransaction, o.Refusal, "every one is counted by its reason")
	}
}

func TestARefusalThatNamesATokenThatExistsIsRecordedPastTheRateUntold(t *testing.T) {
	t.Parallel()
	d := open(t, bounded)
	for range quotaSeconds {
		require.NotEmpty(t, d.refusedFrom("203.0.113.1", "unknown").header.Get("X-Receipt"))
	}
	known, unknown := d.refusedFrom("203.0.113.1", d.token), d.refusedFrom("203.0.113.1", "unknown")
	require.Equal(t, unknown.body, known.body)
	known.header.Del("Date")
	unknown.header.Del("Date")
	require.Equal(t, unknown.header, known.header)
	require.Eventually(t, func() bool { return len(d.queue.taken()) == quotaSeconds+1 }, testTimeout, poll)
	require.Equal(t, token.DigestOf(d.token), d.queue.taken()[quotaSeconds].TokenDigest)
}

// The responses to a text that is a token and to one that is not are the same, whatever
// was sent before.
func TestNoAnswerTellsWhetherATextIsAToken(t *testing.T) {
	t.Parallel()
	for _, before := range []int{0, quotaSeconds, 3 * quotaSeconds} {
		for _, junk := range []string{"", "&a=" + strings.Repeat("a@b.cc ", 200) + "&b=Legacy-Token/42+x=="} {
			var answers []string
			for _, token := range []string{"nobody's", "TOKEN", importedToken} {
				d := open(t, bounded)
				if token == "TOKEN" {
					token = d.token
				}
				ask := func(query string) string {
					body := "secure=" + url.QueryEscape(token) + query + junk
					r := d.send("POST", "/", body, "Content-Type", formType, "X-Forwarded-For", "203.0.113.1")
					return fmt.Sprint(r.status, r.header.Get("X-Note"), r.header.Get("X-Receipt") != "")
				}
				answer := ""
				for range before {
					answer += ask("&transaction_id=" + d.id().String())
				}
				for range before {
					answer += ask("&transaction_id=REPLACE")
				}
				answers = append(answers, answer+ask("&transaction_id="+d.id().String())+ask("&transaction_id=REPLACE"))
			}
			require.Equal(t, answers[0], answers[1])
			require.Equal(t, answers[0], answers[2])
		}
	}
}

func TestAnAcceptedHitWithAnUnknownTokenIsRecordedPastTheRateAsSurplus(t *testing.T) {
	t.Parallel()
	var counts [3]atomic.Int64
	d := open(t, bounded, countJunk(&counts))
	for i := range 3 * quotaSeconds {
		d.get("/?secure=unknown&transaction_id="+d.id().String()+"&order_id=A-1&sub_id=s&revenue=1&utm=x", "X-Forwarded-For", "203.0.113.1").accepted(t)
		h := d.queue.taken()[i]
		require.Equal(t, i >= quotaSeconds, h.Surplus)
		require.Equal(t, map[string]string{
			"transaction_id": h.Params["transaction_id"], "order_id": "A-1", "sub_id": "s", "revenue": "1",
		}, h.Params, "all that the contract names is kept, and nothing else")
		require.Equal(t, []string{"1 other parameter was not kept"}, h.Notes)
	}
	require.EqualValues(t, 2*quotaSeconds, counts[2].Load())
	d.queue.forget()
	d.get("/?secure="+d.token+"&transaction_id="+d.id().String()+"&utm=x", "X-Forwarded-For", "203.0.113.1").accepted(t)
	require.False(t, d.only().Surplus)
	require.Equal(t, "x", d.only().Params["utm"])
}

func TestAFloodOfRefusalsCostsNoRedaction(t *testing.T) {
	t.Parallel()
	d := open(t, bounded)
	looked := 0
	d.receiver.redactor.IsToken = func(string) bool { looked++; return false }
	for range 10 * quotaSeconds {
		d.refusedFrom("203.0.113.1", "unknown&order_id=something-long")
	}
	require.Len(t, d.queue.taken(), quotaSeconds)
	before := looked
	for range 100 {
		d.refusedFrom("203.0.113.1", "unknown&order_id=something-long")
	}
	require.NotZero(t, looked)
	require.Equal(t, before, looked)
}

func TestOf64KilobytesOfJunkLittleIsKept(t *testing.T) {
	t.Parallel()
	d := open(t)
	body := "transaction_id=REPLACE&secure=unknown"
	for i := range 190 {
		body += fmt.Sprintf("&%d=%s%%01", i, strings.Repeat("a@b.cc,", 40))
	}
	for _, id := range []string{"REPLACE", d.id().String()} {
		d.queue.forget()
		d.send("POST", "/", strings.Replace(body, "REPLACE", id, 1), "Content-Type", formType)
		data, err := d.only().Encode()
		require.NoError(t, err)
		require.Less(t, len(data), 1024)
	}
	d.queue.forget()
	r := d.send("POST", "/", strings.Replace(strings.Replace(body, "unknown", d.token, 1), "REPLACE", d.id().String(), 1), "Content-Type", formType)
	r.accepted(t)
	require.Contains(t, r.header.Get("X-Note"), "other parameters were dropped, the request is too large")
	data, err := d.only().Encode()
	require.NoError(t, err)
	require.LessOrEqual(t, len(data), hit.MaxBytes)
	require.Greater(t, len(d.only().Params), 5)
}

func TestARefusalThatTheQueueDoesNotTakeIsCounted(t *testing.T) {
	t.Parallel()
	var counts [3]atomic.Int64
	d := open(t, countJunk(&counts))
	d.queue.put = func(context.Context) error { return errQueue }
	require.Empty(t, d.refusedFrom("203.0.113.1", "unknown").header.Get("X-Receipt"))
	require.EqualValues(t, 1, counts[1].Load())
}
