package cli

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// dieFrom stores n postbacks of one sender as dead letters, as a worker does.
func (s *system) dieFrom(n int, secure, ip string, decision attribution.Decision) {
	s.t.Helper()
	var records []*attribution.Record
	for range n {
		h := &hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: hit.Postback, ReceivedAt: time.Now().UTC(), Method: "GET", Host: "north.example",
			Path: "/postback", Params: map[string]string{"order_id": "of " + ip}, TokenDigest: token.DigestOf(secure), ClientIP: ip}
		request, err := h.Encode()
		require.NoError(s.t, err)
		decision.Outcome = outcome.Rejected
		records = append(records, &attribution.Record{Hit: h, Request: request, Decision: decision})
	}
	require.NoError(s.t, s.store.Write(context.Background(), records))
}

const strangeToken = "Strange-Token-7Hq2"

// dieFromTwo makes three letters of the account's token and two of one that is not known.
func (s *system) dieFromTwo() {
	s.dieFrom(3, s.Global, "192.0.2.7", attribution.Decision{Reason: outcome.OfferPaused, AccountID: s.ID, OfferID: s.Offer, PublisherID: s.Publisher})
	s.dieFrom(2, strangeToken, "2001:db8:7:1::9", attribution.Decision{Reason: outcome.UnknownToken})
}

// commandWith is command with a standard input.
func (s *system) commandWith(input string, args ...string) (code int, stdout, stderr string) {
	s.t.Helper()
	var out, errs bytes.Buffer
	code = Run(context.Background(), args, s.lookup, strings.NewReader(input), &out, &errs)
	return code, out.String(), errs.String()
}

func TestTheSameFilterChoosesWhatIsListedReplayedDiscardedAndBroughtBack(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.dieFromTwo()
	tokens, err := s.store.Tokens(t.Context(), s.ID)
	require.NoError(t, err)
	offer, err := s.store.Offer(t.Context(), s.ID, s.Offer)
	require.NoError(t, err)
	digest := token.DigestOf(strangeToken)
	for _, test := range []struct {
		filter []string
		input  string
		want   int64
	}{
		{[]string{"--token-id", number(tokens[0].ID)}, "", 3},
		{[]string{"--token"}, strangeToken + "\n", 2},
		{[]string{"--token"}, s.Global, 3},
		{[]string{"--token-digest", hex.EncodeToString(digest[:4])}, "", 2},
		{[]string{"--advertiser", number(offer.AdvertiserID)}, "", 3},
		{[]string{"--publisher", number(s.Publisher)}, "", 3},
		{[]string{"--network", "192.0.2.0/24"}, "", 3},
		{[]string{"--network", "2001:db8:7:ffff::1"}, "", 2},
		{[]string{"--text", "OF 192.0.2"}, "", 3},
		{[]string{"--text", "of", "--network", "2001:db8:7::/48"}, "", 2},
	} {
		run := func(into any, args ...string) {
			t.Helper()
			code, stdout, stderr := s.commandWith(test.input, append(append(args, test.filter...), "--json")...)
			require.Zero(t, code, stderr)
			require.NoError(t, json.Unmarshal([]byte(stdout), into), stdout)
		}
		var listed []dead.Letter
		run(&listed, "dead", "list")
		require.Len(t, listed, int(test.want), "%v", test.filter)
		var reasons []dead.ReasonCount
		run(&reasons, "dead", "list", "--summary")
		require.Len(t, reasons, 1, "%v", test.filter)
		require.Equal(t, test.want, reasons[0].Letters)
		for _, act := range [][]string{{"dead", "replay", "--dry-run"}, {"dead", "discard", "--dry-run"}, {"dead", "discard", "--yes"}, {"dead", "undo"}} {
			var result dead.Result
			run(&result, act...)
			require.Equal(t, test.want, result.Chosen, "%v %v", act, test.filter)
		}
	}
}

func TestDeadListCountsBySenderAndSaysHowManyMoreThereAre(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.dieFromTwo()
	s.dieFrom(1, strangeToken, "198.51.100.1", attribution.Decision{Reason: outcome.UnknownToken})
	tokens, err := s.store.Tokens(t.Context(), s.ID)
	require.NoError(t, err)
	digest := token.DigestOf(strangeToken)

	code, stdout, stderr := s.command("dead", "list", "--groups", "1")
	require.Zero(t, code, stderr)
	require.Regexp(t, `unknown_token +network +2001:db8:7::/48: 2, and 1 more: 1\n`, stdout)
	require.Contains(t, stdout, "RECEIPT")

	code, stdout, stderr = s.command("dead", "list", "--groups", "1", "--summary")
	require.Zero(t, code, stderr)
	for _, want := range []string{
		`offer_paused +token +` + number(tokens[0].ID) + ` +3 `,
		`offer_paused +advertiser +\d+ advertiser +3 `,
		`offer_paused +publisher +` + number(s.Publisher) + ` publisher +3 `,
		`offer_paused +network +192\.0\.2\.0/24 +3 `,
		`unknown_token +token +unknown with digest ` + hex.EncodeToString(digest[:4]) + ` +3 `,
		`unknown_token +publisher +no publisher +3 `,
		`unknown_token +network +2001:db8:7::/48 +2 `,
		`unknown_token +network +and 1 more +1 `,
	} {
		require.Regexp(t, want, stdout)
	}
	require.NotContains(t, stdout, "Counted by sender were the newest only")

	var reasons []dead.ReasonCount
	s.answers(&reasons, "dead", "list", "--summary", "--reason", "unknown_token")
	require.Equal(t, dead.DigestOf(digest), reasons[0].Senders[0].Groups[0].TokenDigest)
	require.Len(t, reasons[0].Senders[3].Groups, 2)
	_, stdout, _ = s.command("dead", "list", "--summary", "--groups", "0")
	require.NotContains(t, stdout, "SENDER")
	code, _, stderr = s.command("dead", "list", "--groups", "1001")
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "--groups is from 0 to 1000")
}

func TestDeadCommandsTakeNoTokenAsAnArgumentAndRepeatNone(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	for _, args := range [][]string{
		{"dead", "list", "--token", strangeToken}, {"dead", "list", "--token=" + strangeToken}, {"dead", "list", strangeToken},
		{"dead", "replay", "--token", strangeToken}, {"dead", "discard", "--token=" + strangeToken}, {"dead", "undo", "--token", strangeToken},
		{"dead", "list", "--token-digest", strangeToken},
	} {
		code, stdout, stderr := s.command(args...)
		require.Equal(t, exitUsage, code, "%v", args)
		require.NotContains(t, stdout+stderr, strangeToken, "%v", args)
	}
	code, _, stderr := s.command("dead", "list", "--token")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "standard input is empty")
	for want, args := range map[string][]string{
		"there is no token 4711":      {"--token-id", "4711"},
		"there is no advertiser 4711": {"--advertiser", "4711"},
		"there is no publisher 4711":  {"--publisher", "4711"},
		"is neither an address":       {"--network", "192.0.2.0/25"},
	} {
		code, _, stderr := s.command(append([]string{"dead", "list"}, args...)...)
		require.NotZero(t, code, want)
		require.Contains(t, stderr, want)
	}
}
