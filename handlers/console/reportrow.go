package console

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/report"
)

// reportRow is a line of a report with the addresses of what it counts; an address is
// empty where no list chooses exactly that.
type reportRow struct {
	report.Line
	Labels                    []string
	Clicked, Converted, OfAll string
	Money                     []moneyRow
}

// moneyRow are the sums of one currency, written.
type moneyRow struct {
	Currency, Revenue, Payout, Margin string
	// Of is the address of its conversions.
	Of string
}

func moneyRows(f report.Figures) []moneyRow {
	rows := make([]moneyRow, len(f.Money))
	for i, part := range f.Money {
		rows[i] = moneyRow{Currency: part.Currency, Revenue: operate.Amount(part.Revenue, part.Currency),
			Payout: operate.Amount(part.Payout, part.Currency), Margin: operate.Amount(part.Margin, part.Currency)}
	}
	return rows
}

// rowLinks makes the addresses of the rows behind the numbers of a report.
type rowLinks struct {
	v      *visit
	asked  reportAsked
	period report.Period
}

func (l rowLinks) row(line report.Line, by report.By) reportRow {
	row := reportRow{Line: line, Labels: labelsOf(line, by), Money: moneyRows(line.Figures)}
	if by.Has(report.ByAdvertiser) {
		return row // no list is filtered by advertiser
	}
	chosen := l.chosen(line)
	switch {
	case line.Reason != nil:
		row.OfAll = to("/hits", chosen, "outcome", string(*line.Outcome), "reason", string(*line.Reason))
	case line.SubID == nil:
		row.Clicked = to("/hits", chosen, "kind", "click", "outcome", "recorded")
		row.Converted = to("/conversions", chosen)
	case *line.SubID != "":
		row.Clicked = to("/search", chosen, "kind", "click", "sub_id", *line.SubID)
		row.Converted = to("/conversions", chosen, "sub_id", *line.SubID)
	}
	for i := range row.Money {
		if row.Converted != "" {
			row.Money[i].Of = further(row.Converted, "currency", row.Money[i].Currency)
		}
	}
	return row
}

// chosen are the parameters that choose the rows of a line.
func (l rowLinks) chosen(line report.Line) url.Values {
	from, until := l.span(line)
	values := url.Values{"since": {from.UTC().Format(time.RFC3339)}, "until": {until.UTC().Format(time.RFC3339)}}
	number := func(name string, of int64, own *int64) {
		if own != nil {
			of = *own
		}
		if of != 0 {
			values.Set(name, strconv.FormatInt(of, 10))
		}
	}
	number("offer", l.asked.OfferID, line.Offer)
	number("publisher", l.asked.PublisherID, line.Publisher)
	if l.v.user.AccountID == nil {
		number("account", line.AccountID, nil)
	}
	return values
}

// span is the period of a line: its day or hour, within that of the report.
func (l rowLinks) span(line report.Line) (from, until time.Time) {
	from, until = l.period.From, l.period.To
	if line.Day != nil {
		if day, err := time.ParseInLocation(time.DateOnly, *line.Day, l.asked.Zone); err == nil {
			return latest(from, day), earliest(until, day.AddDate(0, 0, 1))
		}
	}
	if line.Hour != nil {
		if hour, err := time.Parse(time.RFC3339, *line.Hour); err == nil {
			return latest(from, hour), earliest(until, hour.Add(time.Hour))
		}
	}
	return from, until
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// to is an address with parameters and more of them.
func to(path string, values url.Values, pairs ...string) string {
	all := path + "?" + values.Encode()
	for i := 0; i+1 < len(pairs); i += 2 {
		all = further(all, pairs[i], pairs[i+1])
	}
	return all
}

// labelsOf are the values of the dimensions of a line.
func labelsOf(line report.Line, by report.By) (labels []string) {
	names := []string{line.Name, line.SecondName}
	party := func(id *int64) string {
		name := names[0]
		names = names[1:]
		return fmt.Sprintf("%d %s", *id, name)
	}
	for _, dimension := range by.Dimensions() {
		label := ""
		switch dimension {
		case report.ByOffer:
			label = party(line.Offer)
		case report.ByPublisher:
			label = party(line.Publisher)
		case report.ByAdvertiser:
			label = party(line.Advertiser)
		case report.ByDay:
			label = *line.Day
		case report.ByHour:
			label = hourLabel(*line.Hour)
		case report.ByReason:
			label = string(*line.Outcome) + " " + string(*line.Reason)
		default:
			if label = *line.SubID; label == "" {
				label = "(none)"
			}
		}
		labels = append(labels, label)
	}
	return labels
}

// hourLabel writes the begin of an hour for people, in its zone.
func hourLabel(rfc3339 string) string {
	at, err := time.Parse(time.RFC3339, rfc3339)
	if err != nil {
		return rfc3339
	}
	return at.Format("2006-01-02 15:04")
}
