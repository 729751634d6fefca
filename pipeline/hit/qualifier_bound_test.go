package hit_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/redact"
)

// TestNoBoundDropsAQualifier sends a qualifier between everything that a hit is cut for.
func TestNoBoundDropsAQualifier(t *testing.T) {
	for _, name := range []string{"status", "EVENT[name]", "third_party_rejected_reason", strings.Repeat("y", 1000) + "_rejected_reason",
		"x@y.example_rejected_reason", "status" + strings.Repeat("-", 500)} {
		for _, value := range []string{"rejected", strings.Repeat("approved ", 100), "\x01" + strings.Repeat("\x02", 300), "bob@shop.example",
			"\xff\xfe", "[token]"} {
			for _, short := range []bool{false, true} {
				params := map[string]string{name: value, hit.ParamTransactionID: strings.Repeat("a", 500), hit.ParamOrderID: strings.Repeat("\x03", 2000)}
				for i := range 190 {
					params[fmt.Sprintf("a%d", i)] = strings.Repeat("\x01", 2000)
				}
				h := &hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: hit.Postback, ReceivedAt: time.Now(), Method: "GET", Path: "/",
					UserAgent: strings.Repeat("u", 5000), Params: params}
				h.Prune()
				limit := hit.MaxBytes
				if short {
					h.Shorten()
					limit = hit.MaxShortBytes
				}
				redact.Redactor{IsToken: func(text string) bool { return text == "status" || text == "rejected_reason" }}.Hit(h)
				h.Fit(limit)
				require.LessOrEqual(t, size(t, h), limit)
				kept := 0
				for kept1, value1 := range h.Params {
					if hit.QualifierOf(kept1) == hit.QualifierOf(name) {
						kept++
						require.NotContains(t, []string{"", "approved"}, strings.TrimSpace(value1), "%q=%q", name, value)
					}
				}
				require.Equal(t, 1, kept, "%q=%q, short %t: %v", name, value, short, h.Params)
			}
		}
	}
}

func TestAsManyQualifiersAsAHitMayHaveFitIntoItsShortForm(t *testing.T) {
	params := map[string]string{}
	for _, name := range hit.Deciding {
		params[name] = strings.Repeat("\x01", 2000)
	}
	for i := range hit.MaxQualifiers {
		params[fmt.Sprintf("%s%02d_rejected_reason", strings.Repeat("\x01", 60), i)] = strings.Repeat("\x01", 2000)
	}
	h := &hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: hit.Clickless, ReceivedAt: time.Now(), Method: "POST", Path: "/", Params: params}
	h.Prune()
	h.Shorten()
	redact.Redactor{}.Hit(h)
	h.Fit(hit.MaxShortBytes)
	require.LessOrEqual(t, size(t, h), hit.MaxShortBytes)
}

func TestTwoQualifiersThatBecomeOneNameBothCount(t *testing.T) {
	long := strings.Repeat("z", 200)
	h := &hit.Hit{Kind: hit.Postback, Params: map[string]string{long + "1_rejected_reason": "", long + "2_rejected_reason": "fraud"}}
	redact.Redactor{}.Hit(h)
	require.Equal(t, map[string]string{"rejected_reason": ", fraud"}, h.Params)
}
