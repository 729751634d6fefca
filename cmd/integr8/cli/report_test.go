package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/report"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

type reported struct {
	By    string
	Lines []struct {
		AccountID int64 `json:"account_id"`
		Offer     int64
		Publisher int64
		Name      string
		Day       string
		SubID     string `json:"sub_id"`
		reportedFigures
	}
	Total reportedFigures
	Hits  []struct {
		Kind, Outcome string
		Hits          int
	}
}

type reportedFigures struct {
	Clicks, Conversions int
	ConversionRate      *float64 `json:"conversion_rate"`
	Money               []reportedMoney
}

type reportedMoney struct {
	Currency, Revenue, Payout, Margin string
	Conversions                       int
}

func TestReportCountsWhatReallyHappened(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	euros := s.NewOffer(func(offer *attribution.Offer) {
		offer.Currency = "EUR"
		offer.Revenue.Amount, offer.Payout.Amount = decimal.RequireFromString("0.1"), decimal.RequireFromString("0.000001")
	})
	s.startReceiver()
	s.startWorker()
	for range 3 { // three tenths, exactly
		s.becomes(s.get("/", "secure", s.Global, "transaction_id", s.clickOn(euros, "sub_id", "mail")).receipt, outcome.Converted)
	}
	s.clickOn(euros, "sub_id", "mail")
	s.becomes(s.get("/", "secure", s.Global, "transaction_id", s.click()).receipt, outcome.Converted)
	clickless := s.get("/clickless", "secure", s.NewTokenFor(hit.Clickless, s.Offer), "publisher", number(s.Publisher), "revenue", "1", "payout", "3").receipt
	s.becomes(clickless, outcome.Converted)
	s.becomes(s.get("/", "secure", s.Global, "transaction_id", s.click(), "order_id", "\xff").receipt, outcome.Rejected)
	require.Eventually(t, func() bool { return s.count(`clicks`) == 6 }, patience, 5*time.Millisecond)

	var report reported
	s.answers(&report, "report", "--account", number(s.ID))
	require.Equal(t, "offer", report.By)
	require.Len(t, report.Lines, 2)
	dollars, tenths := report.Lines[0], report.Lines[1]
	require.Equal(t, s.Offer, dollars.Offer)
	require.Equal(t, "offer", dollars.Name)
	require.Equal(t, []int{2, 2}, []int{dollars.Clicks, dollars.Conversions})
	require.Equal(t, 0.5, *dollars.ConversionRate, "a clickless conversion converts no click")
	require.Equal(t, []reportedMoney{{Currency: "USD", Revenue: "5", Payout: "5.5", Margin: "-0.5", Conversions: 2}}, dollars.Money)
	require.Equal(t, []int{4, 3}, []int{tenths.Clicks, tenths.Conversions})
	require.Equal(t, 0.75, *tenths.ConversionRate)
	require.Equal(t, []reportedMoney{{Currency: "EUR", Revenue: "0.3", Payout: "0.000003", Margin: "0.299997", Conversions: 3}}, tenths.Money)
	require.Equal(t, 6, report.Total.Clicks)
	require.Len(t, report.Total.Money, 2, "currencies are never added up")
	outcomes := map[string]int{}
	for _, count := range report.Hits {
		outcomes[count.Kind+" "+count.Outcome] = count.Hits
	}
	require.Equal(t, map[string]int{"click recorded": 6, "postback converted": 4, "postback rejected": 1, "clickless converted": 1}, outcomes)

	s.answers(&report, "report", "--by", "sub_id", "--offer", number(euros))
	require.Equal(t, "mail", report.Lines[0].SubID)
	today := time.Now().UTC().Format(time.DateOnly)
	s.answers(&report, "report", "--by", "day", "--from", "2d", "--to", today)
	require.Equal(t, today, report.Lines[0].Day)
	s.answers(&report, "report", "--by", "publisher", "--publisher", number(s.Publisher))
	require.Equal(t, s.Publisher, report.Lines[0].Publisher)
	s.answers(&report, "report", "--from", "2020-01-01", "--to", "2020-01-31")
	require.Empty(t, report.Lines)
	require.Nil(t, report.Total.ConversionRate)

	code, stdout, _ := s.command("report")
	require.Zero(t, code)
	require.Regexp(t, `(?m)^\d+\s+\d+ offer\s+2\s+2\s+50\.00%\s+USD\s+5\.00\s+5\.50\s+-0\.50$`, stdout)
	require.Regexp(t, `(?m)^HITS\s+RECORDED\s+CONVERTED\s+REJECTED$`, stdout)
}

func TestReportListsReasonsWithAnExample(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	token := s.NewTokenFor(hit.Clickless, s.Offer)
	unreadable := func(revenue string) string {
		return s.get("/clickless", "secure", token, "publisher", number(s.Publisher), "order_id", "1", "revenue", revenue).receipt
	}
	s.becomes(unreadable("x"), outcome.Rejected)
	newest := unreadable("y")
	s.becomes(newest, outcome.Rejected)
	var reasons []struct {
		Outcome, Reason, Hint, Example string
		Hits                           int
	}
	s.answers(&reasons, "report", "--reasons")
	require.Len(t, reasons, 1)
	require.Equal(t, "invalid_amount", reasons[0].Reason)
	require.Equal(t, outcome.InvalidAmount.Hint(), reasons[0].Hint)
	require.Equal(t, 2, reasons[0].Hits)
	require.Equal(t, newest, reasons[0].Example)
}

func TestReportConflictsListsOffersThatMixBothURLForms(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	calm := s.NewOffer(func(*attribution.Offer) {})
	s.startReceiver()
	s.startWorker()
	var conflicts []struct {
		Offer              int64
		HitsGlobal         int `json:"hits_global"`
		HitsOffer          int `json:"hits_offer"`
		ConversionsGlobal  int `json:"conversions_global"`
		ConversionsOffer   int `json:"conversions_offer"`
		DuplicatesOtherURL int `json:"duplicates_other_url"`
		Hint               string
	}
	s.answers(&conflicts, "report", "--conflicts")
	require.NotNil(t, conflicts)
	require.Empty(t, conflicts)

	transaction := s.click()
	s.becomes(s.get("/", "secure", s.OfferToken, "transaction_id", transaction).receipt, outcome.Converted)
	s.becomes(s.get("/", "secure", s.Global, "transaction_id", transaction).receipt, outcome.Duplicate)
	s.becomes(s.get("/", "secure", s.Global, "transaction_id", s.clickOn(calm)).receipt, outcome.Converted)

	s.answers(&conflicts, "report", "--conflicts", "--account", number(s.ID))
	require.Len(t, conflicts, 1)
	require.Equal(t, s.Offer, conflicts[0].Offer)
	require.Equal(t, []int{1, 1, 0, 1, 1}, []int{conflicts[0].HitsGlobal, conflicts[0].HitsOffer,
		conflicts[0].ConversionsGlobal, conflicts[0].ConversionsOffer, conflicts[0].DuplicatesOtherURL})
	require.Equal(t, outcome.DuplicateOtherURL.Hint(), conflicts[0].Hint)

	code, stdout, _ := s.command("report", "--conflicts")
	require.Zero(t, code)
	require.Contains(t, stdout, outcome.DuplicateOtherURL.Hint())
}

// TestReportReadsDaysInTheZoneOfItsAccount, and says which zone that is.
func TestReportReadsDaysInTheZoneOfItsAccount(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	account, offer := number(s.ID), number(s.Offer)
	code, _, stderr := s.command("account", "edit", account, "--time-zone", "Asia/Kolkata")
	require.Zero(t, code, stderr)
	for _, test := range []struct {
		args       []string
		from, zone string
	}{
		{[]string{"--account", account}, "2026-03-13T18:30:00Z", "Asia/Kolkata"},
		{[]string{"--offer", offer}, "2026-03-13T18:30:00Z", "Asia/Kolkata"},
		{[]string{"--account", account, "--tz", "UTC"}, "2026-03-14T00:00:00Z", ""},
		{nil, "2026-03-14T00:00:00Z", ""},
	} {
		var counted report.Report
		args := append([]string{"report", "--from", "2026-03-14", "--to", "2026-03-14"}, test.args...)
		s.answers(&counted, args...)
		require.Equal(t, test.from, counted.From.UTC().Format(time.RFC3339), "%v", args)
		require.Equal(t, 24*time.Hour, counted.To.Sub(counted.From), "%v", args)
		require.Equal(t, test.zone, counted.Zone, "%v", args)
		code, stdout, stderr := s.command(args...)
		require.Zero(t, code, stderr)
		require.Equal(t, test.zone != "", strings.Contains(stdout, "Days and hours of Asia/Kolkata."), stdout)
	}
	for _, args := range [][]string{
		{"account", "create", "--name", "x", "--time-zone", "Moon"}, {"account", "edit", account, "--time-zone="}, {"account", "edit", account}, {"report", "--tz", "Local"},
	} {
		code, _, stderr := s.command(args...)
		require.Equal(t, exitUsage, code, "%v: %s", args, stderr)
	}
}

func TestReportRefusesAPeriodThatEndsBeforeItBegins(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	code, _, stderr := s.command("report", "--from", "2026-03-14", "--to", "2026-03-13")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "ends before it begins")
	code, _, _ = s.command("report", "--conflicts", "--reasons")
	require.Equal(t, exitUsage, code)
}
