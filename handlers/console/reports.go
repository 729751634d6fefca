package console

import (
	"cmp"
	"encoding/csv"
	"errors"
	"net/http"
	"strings"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/report"
)

// reportShown is the page of reports.
type reportShown struct {
	report.Report
	Rows []reportRow
	// Count is how many lines there are, on all pages.
	Count int
	// Next is the address of the next page; empty on the last.
	Next string
	// First and Second are the dimensions; Second is empty for none.
	First, Second report.By
	Total         []moneyRow
}

// reportAsked is what the URL of a report asks for.
type reportAsked struct {
	report.Filter
	By report.By
}

// reportDays is how many days a report has by default.
const reportDays = 30

// linesAPage is how many lines of a report a page has.
const linesAPage = 100

func (c *Console) reportOf(v *visit) (asked reportAsked, err error) {
	asked.AccountID = v.account()
	asked.By = report.By(cmp.Or(v.query("by"), string(report.ByDay)))
	if second := v.query("and"); second != "" {
		asked.By += "," + report.By(second)
	}
	if asked.OfferID, err = v.number("offer"); err != nil {
		return asked, err
	}
	if asked.PublisherID, err = v.number("publisher"); err != nil {
		return asked, err
	}
	asked.Zone, err = c.Reports.Zone(v.ctx(), asked.Filter, v.query("tz"))
	switch {
	case errors.Is(err, operate.ErrZone):
		return asked, &badRequest{"tz is " + err.Error() + "."}
	case err != nil:
		return asked, err
	}
	if asked.From, err = readMomentIn("from", v.query("from"), asked.Zone); err != nil {
		return asked, err
	}
	if asked.To, err = readMomentIn("to", v.query("to"), asked.Zone); err != nil {
		return asked, err
	}
	if _, notDay := time.Parse(time.DateOnly, v.query("to")); notDay == nil {
		asked.To = asked.To.AddDate(0, 0, 1) // the day is included whole
	}
	if asked.From.IsZero() {
		asked.From = beginOfDay(asked.end(), asked.Zone).AddDate(0, 0, 1-reportDays)
	}
	return asked, nil
}

// end is a moment within the last day of the period.
func (a reportAsked) end() time.Time {
	if a.To.IsZero() {
		return time.Now()
	}
	return a.To.Add(-time.Nanosecond)
}

func beginOfDay(at time.Time, zone *time.Location) time.Time {
	year, month, day := at.In(zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, zone)
}

func (c *Console) reportsPage(v *visit) error {
	asked, err := c.reportOf(v)
	if err != nil {
		return err
	}
	found, err := c.Reports.Count(v.ctx(), asked.Filter, asked.By)
	if err != nil {
		return err
	}
	dimensions := append(found.By.Dimensions(), "")
	page := reportShown{Report: found, Count: len(found.Lines), First: dimensions[0], Second: dimensions[1], Total: moneyRows(found.Total)}
	lines, err := operate.PageByNumber(numbered(found.Lines), v.query("cursor"), linesAPage, func(line *numberedLine) int64 { return line.Number })
	if err != nil {
		return err
	}
	if lines.Next != nil {
		page.Next = v.with("cursor", *lines.Next)
	}
	links := rowLinks{v: v, asked: asked, period: found.Period}
	for _, line := range lines.Items {
		page.Rows = append(page.Rows, links.row(line.Line, found.By))
	}
	return c.render(v, http.StatusOK, "reports", "Reports", page)
}

// numberedLine is a line with its place in the report, which is the cursor of a page.
type numberedLine struct {
	report.Line
	Number int64
}

func numbered(lines []report.Line) []numberedLine {
	all := make([]numberedLine, len(lines))
	for i, line := range lines {
		all[i] = numberedLine{line, int64(i + 1)}
	}
	return all
}

// reportCSV sends what integr8 report --csv writes.
func (c *Console) reportCSV(v *visit) error {
	asked, err := c.reportOf(v)
	if err != nil {
		return err
	}
	found, err := c.Reports.Count(v.ctx(), asked.Filter, asked.By)
	if err != nil {
		return err
	}
	name := "report-by-" + strings.ReplaceAll(string(found.By), ",", "-") + "-" + found.From.In(asked.Zone).Format(time.DateOnly) + ".csv"
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_ = csv.NewWriter(v.w).WriteAll(found.CSV()) // to a client, which may be gone
	return nil
}

// Dimensions are the choices of the form.
func (reportShown) Dimensions() []choice {
	choices := make([]choice, 0, len(report.Dimensions()))
	for _, by := range report.Dimensions() {
		choices = append(choices, choice{string(by), string(by)})
	}
	return choices
}

// Spans are periods that the form offers.
func (reportShown) Spans() []choice {
	return []choice{{"24h", "24 hours"}, {"7d", "7 days"}, {"30d", "30 days"}, {"90d", "90 days"}}
}

// ByReason is set where all hits are counted.
func (r reportShown) ByReason() bool { return r.By.Has(report.ByReason) }

// LastDropped is the last day whose clicks or hits retention has dropped.
func (r reportShown) LastDropped() string { return r.Dropped[len(r.Dropped)-1] }
