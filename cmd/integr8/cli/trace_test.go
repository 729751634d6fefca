package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/outcome"
	"integr8/sql/store/storetest"
)

// told is what trace --json answers, as a script reads it.
type told struct {
	TransactionID *string `json:"transaction_id"`
	IssuedAt      *string `json:"issued_at"`
	Receipt       *string
	Accounts      []int64
	Clicks        []struct {
		TransactionID string `json:"transaction_id"`
		AccountID     int64  `json:"account_id"`
		Receipt       string
		Offer         int64
		Publisher     int64
		Destination   string
		ClientIP      string `json:"client_ip"`
		Parameters    map[string]string
		Notes         []string
	}
	Hits []struct {
		AccountID     int64 `json:"account_id"`
		Receipt       string
		Kind          string
		Outcome       string
		Reason        string
		Hint          string
		Route         string
		TransactionID *string `json:"transaction_id"`
		ConversionID  *string `json:"conversion_id"`
		DuplicateOf   *string `json:"duplicate_of"`
		WaitsUntil    *string `json:"waits_until"`
		DeadStatus    *string `json:"dead_status"`
		Asked         bool
		Notes         []string
	}
	Conversions []struct {
		ID            string
		TransactionID *string `json:"transaction_id"`
		Offer         int64
		Publisher     int64
		Event         string
		Status        string
		Revenue       string
		Payout        string
		Currency      string
		Method        string
	}
}

func (s *system) trace(id string, args ...string) told {
	s.t.Helper()
	var story told
	s.answers(&story, append([]string{"trace", id}, args...)...)
	return story
}

func TestTraceTellsTheWholeStory(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	transaction := s.click("sub_id", "banner")
	converted := s.get("/", "secure", s.Global, "transaction_id", transaction, "order_id", "A 1").receipt
	s.becomes(converted, outcome.Converted)
	repeat := s.get("/", "secure", s.OfferToken, "transaction_id", transaction).receipt
	s.becomes(repeat, outcome.Duplicate)
	another := s.NewToken(s.NewOffer(func(*attribution.Offer) {}))
	refused := s.get("/", "secure", another, "transaction_id", transaction).receipt
	s.becomes(refused, outcome.Rejected)

	story := s.trace(transaction)
	require.Equal(t, transaction, *story.TransactionID)
	require.Nil(t, story.Receipt)
	require.Equal(t, []int64{s.ID}, story.Accounts)
	require.Len(t, story.Clicks, 1)
	require.Equal(t, "https://shop.example/buy?c="+transaction+"&s=banner", story.Clicks[0].Destination)
	require.Equal(t, map[string]string{"sub_id": "banner"}, story.Clicks[0].Parameters)
	require.Equal(t, "127.0.0.1", story.Clicks[0].ClientIP)

	require.Len(t, story.Hits, 3)
	first, second, third := story.Hits[0], story.Hits[1], story.Hits[2]
	require.Equal(t, []string{converted, "converted", "", "global"}, []string{first.Receipt, first.Outcome, first.Reason, first.Route})
	require.Equal(t, converted, *first.ConversionID)
	require.Equal(t, []string{repeat, "duplicate", "duplicate_other_url", "offer"}, []string{second.Receipt, second.Outcome, second.Reason, second.Route})
	require.Equal(t, converted, *second.DuplicateOf)
	require.Equal(t, outcome.DuplicateOtherURL.Hint(), second.Hint)
	require.Equal(t, []string{refused, "rejected", "wrong_offer"}, []string{third.Receipt, third.Outcome, third.Reason})
	require.Equal(t, "open", *third.DeadStatus)

	require.Len(t, story.Conversions, 1)
	conversion := story.Conversions[0]
	require.Equal(t, []string{converted, transaction, "conversion", "approved", "4", "2.5", "USD", "postback"},
		[]string{conversion.ID, *conversion.TransactionID, conversion.Event, conversion.Status, conversion.Revenue,
			conversion.Payout, conversion.Currency, conversion.Method})

	// Every receipt leads to the same story, with its own hit marked.
	for _, receipt := range []string{converted, repeat, refused} {
		byReceipt := s.trace(receipt)
		require.Equal(t, receipt, *byReceipt.Receipt)
		require.Equal(t, transaction, *byReceipt.TransactionID)
		require.Len(t, byReceipt.Clicks, 1)
		require.Len(t, byReceipt.Hits, 3)
		for _, traced := range byReceipt.Hits {
			require.Equal(t, traced.Receipt == receipt, traced.Asked)
		}
	}
	require.Equal(t, s.trace(transaction), s.trace(strings.ToUpper(uuid.MustParse(transaction).String())))
}

func TestTraceTellsWhatWasCutOrDropped(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	extras := []string{}
	for i := range 15 {
		extras = append(extras, fmt.Sprint("utm", i), strings.Repeat("\x01", 150))
	}
	transaction := s.click(extras...)
	converted := s.get("/", append([]string{"secure", s.Global, "transaction_id", transaction}, extras...)...)
	require.Contains(t, converted.header.Get("X-Note"), "other parameters were dropped")
	s.becomes(converted.receipt, outcome.Converted)
	unknown := s.get("/", "secure", "nobody's", "transaction_id", transaction, "utm", "x").receipt
	s.becomes(unknown, outcome.Rejected)

	story := s.trace(transaction)
	require.Contains(t, strings.Join(story.Clicks[0].Notes, ";"), "other parameters were dropped")
	for _, h := range story.Hits {
		switch h.Receipt {
		case converted.receipt:
			require.Equal(t, strings.Split(converted.header.Get("X-Note"), "; "), h.Notes)
		case unknown:
			require.Equal(t, []string{"1 other parameter was not kept"}, h.Notes)
		}
	}
	_, stdout, _ := s.command("trace", unknown)
	require.Contains(t, stdout, "1 other parameter was not kept")
	require.Equal(t, []string{}, s.trace(s.click()).Clicks[0].Notes)
}

func TestTraceReadsInOrderOfTime(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	transaction := s.click()
	converted := s.get("/", "secure", s.Global, "transaction_id", transaction).receipt
	s.becomes(converted, outcome.Converted)
	repeat := s.get("/", "secure", s.Global, "transaction_id", transaction).receipt
	s.becomes(repeat, outcome.Duplicate)

	code, stdout, stderr := s.command("trace", repeat)
	require.Zero(t, code, stderr)
	at := 0
	for _, part := range []string{
		"transaction_id", "issued", "  click", "recorded", "sent to", "https://shop.example/",
		"postback", "converted", "global URL", "conversion", "approved", "4.00 USD", "2.50 USD",
		"> ", "postback", "duplicate: duplicate_same_url", "hint", "repeats", converted,
	} {
		next := strings.Index(stdout[at:], part)
		require.GreaterOrEqual(t, next, 0, "%q is missing or out of order in:\n%s", part, stdout)
		at += next
	}
}

func TestTraceShowsAWaitingPostback(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	transaction := s.keys.Mint(time.Now()).String()
	waiting := s.get("/", "secure", s.Global, "transaction_id", transaction).receipt
	s.becomes(waiting, outcome.Waiting)
	story := s.trace(transaction)
	require.Empty(t, story.Clicks)
	require.Equal(t, "click_not_yet", story.Hits[0].Reason)
	until, err := time.Parse(time.RFC3339Nano, *story.Hits[0].WaitsUntil)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(24*time.Hour), until, time.Hour)
}

func TestTraceNeverMixesAccounts(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	other := storetest.NewBareAccount(t, s.store, s.keys, "south")
	theirs := other.NewToken(0)
	transaction := s.click()
	s.becomes(s.get("/", "secure", s.Global, "transaction_id", transaction).receipt, outcome.Converted)
	tried := s.get("/", "secure", theirs, "transaction_id", transaction).receipt
	require.Equal(t, outcome.WrongAccount, s.becomes(tried, outcome.Rejected).Reason)
	s.becomes(s.get("/", "secure", s.Global, "transaction_id", transaction).receipt, outcome.Duplicate)

	story := s.trace(transaction)
	require.Equal(t, []int64{s.ID, other.ID}, story.Accounts)
	var accounts []int64
	for _, traced := range story.Hits {
		accounts = append(accounts, traced.AccountID)
	}
	require.Equal(t, []int64{s.ID, s.ID, other.ID}, accounts)

	code, stdout, _ := s.command("trace", transaction)
	require.Zero(t, code)
	require.Contains(t, stdout, "2 accounts used this id")
	mine, foreign, found := strings.Cut(stdout, "ACCOUNT "+number(other.ID))
	require.True(t, found)
	require.NotContains(t, mine, tried)
	require.Contains(t, foreign, tried)

	mine = s.click()
	unknown := s.get("/", "secure", "another system's token", "transaction_id", mine).receipt
	require.Equal(t, outcome.UnknownToken, s.becomes(unknown, outcome.Rejected).Reason)
	code, stdout, _ = s.command("trace", mine)
	require.Zero(t, code)
	require.Contains(t, stdout, "ACCOUNT NOT KNOWN")
	require.NotContains(t, stdout, "accounts used this id", "an unknown token is no account")
	_, stdout, _ = s.command("dead", "show", unknown)
	require.Regexp(t, `account +-\n`, stdout)

	only := s.trace(transaction, "--account", number(other.ID))
	require.Empty(t, only.Clicks)
	require.Empty(t, only.Conversions)
	require.Len(t, only.Hits, 1)
}

func TestTraceOfAnUnknownIDFailsWithAHint(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	code, stdout, stderr := s.command("trace", s.keys.Mint(time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)).String())
	require.Equal(t, exitFailed, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "is genuine and was issued at 2026-03-14 15:09:26 UTC")
	require.Contains(t, stderr, "hint: ")
	code, _, _ = s.command("trace", "REPLACE")
	require.Equal(t, exitUsage, code)
}

func TestTraceHidesControlCharactersFromTheTerminal(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	transaction := s.click("sub_id", "a\x1b[31mb")
	require.Eventually(t, func() bool { return s.count(`clicks WHERE transaction_id = $1`, transaction) == 1 }, patience, 5*time.Millisecond)
	_, stdout, _ := s.command("trace", transaction)
	require.NotContains(t, stdout, "\x1b")
}
