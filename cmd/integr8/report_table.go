package main

import (
	"fmt"
	"strings"
	"time"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

// table shows the report to people.
func (a reportAnswer) table(t *table) {
	a.row(t)
	if len(a.Lines) == 0 {
		t.row("No clicks and no conversions.")
	} else {
		t.row("ACCOUNT", strings.ToUpper(string(a.By)), "CLICKS", "CONVERSIONS", "RATE", "CURRENCY", "REVENUE", "PAYOUT", "MARGIN")
		for _, line := range a.Lines {
			line.table(t, fmt.Sprint(line.AccountID), long(line.label()))
		}
		a.Total.table(t, "total", "")
	}
	t.row()
	outcomeTable(t, a.Hits)
}

func (l reportLine) label() string {
	switch {
	case l.Day != nil && l.Dropped:
		return *l.Day + " (dropped)"
	case l.Day != nil:
		return *l.Day
	case l.SubID != nil && *l.SubID == "":
		return "(none)"
	case l.SubID != nil:
		return *l.SubID
	case l.Offer != nil:
		return fmt.Sprintf("%d %s", *l.Offer, l.Name)
	default:
		return fmt.Sprintf("%d %s", *l.Publisher, l.Name)
	}
}

// table writes a row for each currency, and one where there is none.
func (f reportFigures) table(t *table, account string, label long) {
	rate := "-"
	if f.ConversionRate != nil {
		rate = fmt.Sprintf("%.2f%%", *f.ConversionRate*100)
	}
	cells := []any{account, label, f.Clicks, f.Conversions, rate}
	if len(f.Money) == 0 {
		t.row(append(cells, "-", "-", "-", "-")...)
		return
	}
	for _, part := range f.Money {
		t.row(append(cells, part.Currency, amount(part.Revenue), amount(part.Payout), amount(part.Margin))...)
		cells = []any{"", "", "", "", ""}
	}
}

// outcomeTable has a row for each kind of hit and a column for each outcome
// that occurs.
func outcomeTable(t *table, counts []store.HitCount) {
	if len(counts) == 0 {
		t.row("No hits.")
		return
	}
	hits := map[hit.Kind]map[attribution.Outcome]int64{}
	occurs := map[attribution.Outcome]bool{}
	for _, count := range counts {
		if hits[count.Kind] == nil {
			hits[count.Kind] = map[attribution.Outcome]int64{}
		}
		hits[count.Kind][count.Outcome] = count.Hits
		occurs[count.Outcome] = true
	}
	var shown []attribution.Outcome
	header := []any{"HITS"}
	for _, outcome := range []attribution.Outcome{
		attribution.Recorded, attribution.Converted, attribution.Duplicate, attribution.Waiting,
		attribution.Unmatched, attribution.Rejected, attribution.Failed,
	} {
		if occurs[outcome] {
			shown = append(shown, outcome)
			header = append(header, strings.ToUpper(string(outcome)))
		}
	}
	t.row(header...)
	for _, kind := range []hit.Kind{hit.Click, hit.Postback, hit.Pixel, hit.Clickless} {
		if hits[kind] == nil {
			continue
		}
		cells := []any{kind}
		for _, outcome := range shown {
			cells = append(cells, hits[kind][outcome])
		}
		t.row(cells...)
	}
}

func clockOrDash(at *time.Time) string {
	if at == nil {
		return "-"
	}
	return clock(*at)
}
