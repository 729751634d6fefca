package console

import (
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/report"
	"integr8/handlers/operate/users"
)

func visitOf(target string, account int64) *visit {
	user := users.User{}
	if account != 0 {
		user.AccountID = &account
	}
	return &visit{r: httptest.NewRequest("GET", target, nil), user: user}
}

func TestTheDaysOfAReportAreThoseOfItsZone(t *testing.T) {
	t.Parallel()
	c := &Console{Options: Options{UseCases: UseCases{Reports: report.Reports{Store: &countedRows{}}}}}
	asked, err := c.reportOf(visitOf("/reports?from=2026-03-14&to=2026-03-15&tz=Asia/Kolkata&account=7", 1))
	require.NoError(t, err)
	require.Equal(t, "2026-03-13T18:30:00Z", asked.From.UTC().Format(time.RFC3339))
	require.Equal(t, "2026-03-15T18:30:00Z", asked.To.UTC().Format(time.RFC3339), "the last day is included whole")
	require.EqualValues(t, 1, asked.AccountID, "he chooses no other account")
	require.Equal(t, report.ByDay, asked.By)

	asked, err = c.reportOf(visitOf("/reports?from=2026-03-14&to=2026-03-15", 1))
	require.NoError(t, err)
	require.Equal(t, "2026-03-13T15:00:00Z", asked.From.UTC().Format(time.RFC3339), "the account's, when none is asked for")
	require.Equal(t, "2026-03-15T15:00:00Z", asked.To.UTC().Format(time.RFC3339))
	asked, err = c.reportOf(visitOf("/reports?from=2026-03-14&tz=UTC", 1))
	require.NoError(t, err)
	require.Equal(t, "2026-03-14T00:00:00Z", asked.From.UTC().Format(time.RFC3339), "UTC can be asked for")

	asked, err = c.reportOf(visitOf("/reports?to=2026-03-30&by=offer&and=day", 0))
	require.NoError(t, err)
	require.Equal(t, "2026-03-01T00:00:00Z", asked.From.UTC().Format(time.RFC3339), "30 whole days, of UTC over all accounts")
	require.Equal(t, report.By("offer,day"), asked.By)

	for _, wrong := range []string{"tz=Local", "tz=Moon", "from=yesterday", "offer=x"} {
		_, err = c.reportOf(visitOf("/reports?"+wrong, 0))
		var said *badRequest
		require.ErrorAs(t, err, &said, wrong)
	}
}

func TestANumberOfAReportLeadsToItsRows(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Asia/Kolkata")
	require.NoError(t, err)
	v := visitOf("/reports", 0)
	links := rowLinks{v: v, asked: reportAsked{Filter: report.Filter{OfferID: 3, Zone: zone}},
		period: report.Period{From: time.Date(2026, 3, 13, 20, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC)}}
	day, publisher, none, sub := "2026-03-14", int64(5), "", "summer"
	money := report.Figures{Money: []report.Takings{{Currency: "EUR", Revenue: decimal.RequireFromString("10")}, {Currency: "JPY", Revenue: decimal.RequireFromString("500")}}}
	row := links.row(report.Line{AccountID: 9, Day: &day, Publisher: &publisher, Name: "north", Figures: money}, "day,publisher")
	require.Equal(t, []string{"2026-03-14", "5 north"}, row.Labels)
	require.Equal(t, "/hits?account=9&kind=click&offer=3&outcome=recorded&publisher=5&since=2026-03-13T20%3A00%3A00Z&until=2026-03-14T18%3A30%3A00Z", row.Clicked,
		"the day begins within the period")
	of, err := url.Parse(row.Money[1].Of)
	require.NoError(t, err)
	require.Equal(t, "/conversions", of.Path)
	require.Equal(t, "JPY", of.Query().Get("currency"))
	require.Equal(t, []string{"10.00", "500"}, []string{row.Money[0].Revenue, row.Money[1].Revenue}, "amounts of two currencies are never added")

	row = links.row(report.Line{AccountID: 9, SubID: &sub}, report.BySubID)
	require.Contains(t, row.Clicked, "/search?")
	require.Contains(t, row.Clicked, "sub_id=summer")
	require.Empty(t, links.row(report.Line{AccountID: 9, SubID: &none}, report.BySubID).Clicked, "no list chooses hits without a sub_id")
	require.Empty(t, links.row(report.Line{AccountID: 9, Advertiser: &publisher}, report.ByAdvertiser).Clicked, "no list is filtered by advertiser")

	links.v = visitOf("/reports", 9)
	require.NotContains(t, links.row(report.Line{AccountID: 9, Day: &day}, report.ByDay).Clicked, "account=")
}

func TestAChartHasEveryDayAndAddsUpNoTwoCurrencies(t *testing.T) {
	t.Parallel()
	first, last := "2026-03-14", "2026-03-16"
	takings := func(currency, revenue string) report.Takings {
		return report.Takings{Currency: currency, Revenue: decimal.RequireFromString(revenue)}
	}
	found := report.Report{By: report.ByDay, Period: report.Period{From: time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 17, 0, 0, 0, 0, time.UTC)}}
	found.Lines = []report.Line{
		{AccountID: 1, Day: &first, Figures: report.Figures{Clicks: 10, Conversions: 1, Money: []report.Takings{takings("EUR", "5"), takings("JPY", "700")}}},
		{AccountID: 2, Day: &first, Figures: report.Figures{Clicks: 5, Money: []report.Takings{takings("EUR", "2.5")}}},
		{AccountID: 1, Day: &last, Figures: report.Figures{Clicks: 1}},
	}
	shown := chartOf(found, reportAsked{Filter: report.Filter{Zone: time.UTC}})
	require.Equal(t, []string{"2026-03-14", "2026-03-15", "2026-03-16"}, shown.Labels)
	values := map[string][]float64{}
	for _, one := range shown.Curves {
		values[one.Name] = one.Values
	}
	require.Equal(t, []float64{15, 0, 1}, values["clicks"])
	require.Equal(t, []float64{1, 0, 0}, values["conversions"])
	require.Equal(t, []float64{7.5, 0, 0}, values["revenue EUR"])
	require.Equal(t, []float64{700, 0, 0}, values["revenue JPY"])
}
