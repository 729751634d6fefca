package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/report"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

func periodRow(t *table, p report.Period) {
	t.row(fmt.Sprintf("%s to %s UTC", operate.Clock(p.From), operate.Clock(p.To)))
	if p.Zone != "" {
		t.row("Days and hours of " + p.Zone + ".")
	}
	if p.CountedFrom != nil {
		t.row(fmt.Sprintf("Nothing before %s UTC is counted: see integr8 rollup rebuild, or for sub_ids shorten the period.", operate.Clock(*p.CountedFrom)))
	}
	if n := len(p.Dropped); n > 0 {
		t.row(fmt.Sprintf("Without the clicks and hits of %s from %s to %s, which retention has dropped; conversions are all there.",
			operate.Counted(n, "day"), p.Dropped[0], p.Dropped[n-1]))
	}
	t.row()
}

func reportTable(t *table, r report.Report) {
	periodRow(t, r.Period)
	if len(r.Lines) == 0 {
		t.row("No clicks and no conversions.")
	} else {
		header := []any{"ACCOUNT"}
		total := []any{"total"}
		for _, dimension := range r.By.Dimensions() {
			header, total = append(header, strings.ToUpper(string(dimension))), append(total, "")
		}
		if r.By.Has(report.ByReason) {
			header, total = append(header, "HITS"), append(total, "")
		}
		t.row(append(header, "CLICKS", "CONVERSIONS", "RATE", "CURRENCY", "REVENUE", "PAYOUT", "MARGIN")...)
		for _, line := range r.Lines {
			figureRows(t, lineLabels(line, r.By), line.Figures)
		}
		figureRows(t, total, r.Total)
	}
	t.row()
	outcomeTable(t, r.Hits)
}

// lineLabels returns the cells of a line before its figures.
func lineLabels(l report.Line, by report.By) []any {
	cells := []any{fmt.Sprint(l.AccountID)}
	names := []string{l.Name, l.SecondName}
	party := func(id *int64) long {
		name := names[0]
		names = names[1:]
		return long(fmt.Sprintf("%d %s", *id, name))
	}
	for _, dimension := range by.Dimensions() {
		switch dimension {
		case report.ByOffer:
			cells = append(cells, party(l.Offer))
		case report.ByPublisher:
			cells = append(cells, party(l.Publisher))
		case report.ByAdvertiser:
			cells = append(cells, party(l.Advertiser))
		case report.ByDay:
			day := *l.Day
			if l.Dropped {
				day += " (dropped)"
			}
			cells = append(cells, long(day))
		case report.ByHour:
			cells = append(cells, long(hourLabel(*l.Hour)))
		case report.ByReason:
			cells = append(cells, long(strings.TrimSpace(string(*l.Outcome)+" "+string(*l.Reason))))
		default:
			cells = append(cells, long(orNone(*l.SubID)))
		}
	}
	if l.Hits != nil {
		cells = append(cells, *l.Hits)
	}
	return cells
}

// hourLabel writes the begin of an hour for people: 2026-03-14 15:00 +01:00.
func hourLabel(rfc3339 string) string {
	at, err := time.Parse(time.RFC3339, rfc3339)
	if err != nil {
		return rfc3339
	}
	if _, offset := at.Zone(); offset == 0 {
		return at.Format("2006-01-02 15:04")
	}
	return at.Format("2006-01-02 15:04 -07:00")
}

func orNone(text string) string {
	if text == "" {
		return "(none)"
	}
	return text
}

// figureRows writes a row for each currency, and one where there is none. It begins with
// the cells of the line.
func figureRows(t *table, cells []any, f report.Figures) {
	rate := "-"
	if f.ConversionRate != nil {
		rate = fmt.Sprintf("%.2f%%", *f.ConversionRate*100)
	}
	cells = append(cells, f.Clicks, f.Conversions, rate)
	if len(f.Money) == 0 {
		t.row(append(cells, "-", "-", "-", "-")...)
		return
	}
	for _, part := range f.Money {
		t.row(append(cells, part.Currency, operate.Amount(part.Revenue, part.Currency), operate.Amount(part.Payout, part.Currency), operate.Amount(part.Margin, part.Currency))...)
		cells = slices.Repeat([]any{""}, len(cells)) // of the line that the first currency is on
	}
}

// outcomeTable has a row for each kind of hit and a column for each outcome
// that occurs.
func outcomeTable(t *table, counts []report.HitCount) {
	if len(counts) == 0 {
		t.row("No hits.")
		return
	}
	hits := map[hit.Kind]map[outcome.Outcome]int64{}
	occurs := map[outcome.Outcome]bool{}
	for _, count := range counts {
		if hits[count.Kind] == nil {
			hits[count.Kind] = map[outcome.Outcome]int64{}
		}
		hits[count.Kind][count.Outcome] = count.Hits
		occurs[count.Outcome] = true
	}
	var shown []outcome.Outcome
	header := []any{"HITS"}
	for _, one := range []outcome.Outcome{
		outcome.Recorded, outcome.Converted, outcome.Duplicate, outcome.Waiting,
		outcome.Unmatched, outcome.Rejected, outcome.Failed,
	} {
		if occurs[one] {
			shown = append(shown, one)
			header = append(header, strings.ToUpper(string(one)))
		}
	}
	t.row(header...)
	for _, kind := range []hit.Kind{hit.Click, hit.Postback, hit.Pixel, hit.Clickless} {
		if hits[kind] == nil {
			continue
		}
		cells := []any{kind}
		for _, one := range shown {
			cells = append(cells, hits[kind][one])
		}
		t.row(cells...)
	}
}

func conflictTable(t *table, r report.ConflictReport) {
	periodRow(t, r.Period)
	if len(r.Conflicts) == 0 {
		t.row("No offer mixes the global and the offer-level postback.")
		return
	}
	t.row("ACCOUNT", "OFFER", "NAME", "HITS GLOBAL/OFFER", "CONVERTED GLOBAL/OFFER",
		"DOUBLES", "LAST GLOBAL", "LAST OFFER")
	for _, c := range r.Conflicts {
		t.row(c.AccountID, c.OfferID, long(c.Name), fmt.Sprintf("%d/%d", c.HitsGlobal, c.HitsOffer),
			fmt.Sprintf("%d/%d", c.ConversionsGlobal, c.ConversionsOffer),
			c.DuplicatesOtherURL, clockOrDash(c.LastGlobal), clockOrDash(c.LastOffer))
	}
	t.row()
	for _, c := range r.Conflicts {
		t.row(fmt.Sprintf("offer %d: %s", c.OfferID, c.Hint))
	}
}

func reasonTable(t *table, r report.ReasonReport) {
	periodRow(t, r.Period)
	if len(r.Reasons) == 0 {
		t.row("Nothing was rejected.")
		return
	}
	t.row("OUTCOME", "REASON", "HITS", "LAST SEEN", "EXAMPLE")
	for _, one := range r.Reasons {
		t.row(one.Outcome, one.Reason, one.Hits, operate.Clock(one.LastSeen), one.Example)
	}
	t.row()
	for _, one := range r.Reasons {
		t.row(fmt.Sprintf("%s: %s", one.Reason, one.Hint))
	}
}

func orderTable(t *table, r report.OrderReport) {
	t.row(fmt.Sprintf("%s to %s UTC. Conversions of another time, and those without an order_id, were not looked at.",
		operate.Clock(r.From), operate.Clock(r.To)))
	t.row()
	if r.Total == 0 {
		t.row("No order was paid more than once.")
		return
	}
	t.row("REVENUE and PAYOUT are those of all conversions but the first; integr8 trace FIRST shows that one.")
	t.row("ACCOUNT", "OFFER", "ORDER", "TIMES", "WAYS IN", "REVENUE", "PAYOUT", "CURRENCY", "FIRST")
	for _, o := range r.Orders {
		t.row(o.AccountID, o.OfferID, long(o.OrderID), o.Conversions, long(o.Ways), operate.Amount(o.RevenueRepeated, o.Currencies), operate.Amount(o.PayoutRepeated, o.Currencies),
			o.Currencies, o.FirstID)
	}
	if more := r.Total - len(r.Orders); more > 0 {
		t.row()
		t.row(fmt.Sprintf("and %d more: shorten the period, or name an --offer", more))
	}
}

func clockOrDash(at *time.Time) string {
	if at == nil {
		return "-"
	}
	return operate.Clock(*at)
}
