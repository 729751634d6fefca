package console

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/report"
	"integr8/handlers/operate/users"
)

// countedRows is a store whose reports have a line for each of so many offers.
type countedRows struct {
	report.Store
	offers int
	asked  []report.Filter
}

func (s *countedRows) Account(_ context.Context, id int64) (reference.Account, error) {
	return reference.Account{ID: id, TimeZone: "Asia/Tokyo"}, nil
}

func (s *countedRows) Report(_ context.Context, filter report.Filter, _ report.By) (rows []report.Row, _ error) {
	s.asked = append(s.asked, filter)
	for i := range s.offers {
		rows = append(rows, report.Row{AccountID: 1, PartyID: int64(i + 1), Name: fmt.Sprint("=offer ", i+1), Clicks: 10, Conversions: 1, ConvertedClicks: 1, Money: []report.Takings{
			{Currency: "EUR", Revenue: decimal.New(1, 0), Payout: decimal.New(5, -1), Margin: decimal.New(5, -1)},
			{Currency: "JPY", Revenue: decimal.New(100, 0), Payout: decimal.New(50, 0), Margin: decimal.New(50, 0)},
		}})
	}
	return rows, nil
}

func (s *countedRows) ReportHits(context.Context, report.Filter) ([]report.HitCount, error) {
	return nil, nil
}

func (s *countedRows) DroppedDays(context.Context, time.Time, time.Time) ([]time.Time, error) {
	return []time.Time{time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}, nil
}

func (s *countedRows) RolledUpFrom(context.Context) (time.Time, error) { return time.Time{}, nil }

func TestAReportHasAllLinesOnItsPagesAndInItsFile(t *testing.T) {
	t.Parallel()
	store := &countedRows{offers: 150}
	c := watching(t, &watched{}, users.Viewer)
	c.Reports = report.Reports{Store: store}
	get := func(path string) string {
		t.Helper()
		status, text := c.asUser(t, httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil))
		require.Equal(t, http.StatusOK, status, text)
		return text
	}
	first := get("/reports?by=offer&tz=Asia/Kolkata&account=2")
	require.Contains(t, first, "150 lines, 100 on this page")
	require.Contains(t, first, "100 =offer 100<")
	require.NotContains(t, first, "101 =offer 101<")
	require.Contains(t, first, `href="/reports?account=2&amp;by=offer&amp;cursor=100&amp;tz=Asia%2FKolkata"`, "the zone stays in the address")
	require.Contains(t, first, "which retention has dropped")
	for _, total := range []string{"1\u202f500", "10.00 %", "<div>150.00</div>", "<div>15000</div>"} {
		require.Contains(t, first[strings.Index(first, "<tfoot>"):], total, "the total is that of all pages")
	}
	second := get("/reports?by=offer&cursor=100")
	require.Contains(t, second, "days and hours of Asia/Tokyo", "which is the account's")
	require.Contains(t, second, "150 lines, 50 on this page")
	require.Contains(t, second, "101 =offer 101<")
	require.NotContains(t, second, "next page")

	rows, err := csv.NewReader(strings.NewReader(get("/reports.csv?by=offer"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+2*150, "a line for each currency")
	require.Equal(t, []string{"1", "1", "'=offer 1", "", "10", "1", "0.1", "EUR", "1", "0.5", "0.5"}, rows[1])
	require.Equal(t, []string{"1", "1", "'=offer 1", "", "", "", "", "JPY", "100", "50", "50"}, rows[2])
	for _, filter := range store.asked {
		require.EqualValues(t, 1, filter.AccountID, "the parameter chooses no other account")
	}

	for _, wrong := range []string{"by=moon", "by=day&and=day", "from=2026-03-02&to=2026-03-01", "cursor=x"} {
		status, text := c.asUser(t, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/reports?"+wrong, nil))
		require.Equal(t, http.StatusBadRequest, status, "%s: %s", wrong, text)
	}
}
