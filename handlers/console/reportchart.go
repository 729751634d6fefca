package console

import (
	"encoding/json"
	"time"

	"integr8/handlers/operate/report"
)

// chartShown is what the chart of a report draws: a value of each curve for each label.
type chartShown struct {
	Labels []string `json:"labels"`
	Curves []*curve `json:"curves"`
}

// curve is a row of values. Curves of the same Unit have the same axis: amounts of
// different currencies never do.
type curve struct {
	Name   string    `json:"name"`
	Unit   string    `json:"unit"`
	Values []float64 `json:"values"`
}

// hourly is the longest period that is drawn by hour.
const hourly = 3 * 24 * time.Hour

// reportChart draws the period of a report over time, whatever its lines go by.
func (c *Console) reportChart(v *visit) error {
	asked, err := c.reportOf(v)
	if err != nil {
		return err
	}
	by := report.ByDay
	if asked.By.Has(report.ByHour) || asked.end().Sub(asked.From) <= hourly {
		by = report.ByHour
	}
	found, err := c.Reports.Count(v.ctx(), asked.Filter, by)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(v.w).Encode(chartOf(found, asked))
}

// chartOf adds up the lines of all accounts by day or hour. A day or an hour without a line
// is 0.
func chartOf(found report.Report, asked reportAsked) chartShown {
	asked.From, asked.To = found.From, found.To
	if found.CountedFrom != nil {
		asked.From = *found.CountedFrom
	}
	shown := chartShown{Labels: []string{}, Curves: []*curve{}}
	place := map[string]int{}
	if asked.From.Before(asked.To) {
		_, labels := asked.Spans(found.By)
		for i, label := range labels {
			place[label] = i
			if found.By == report.ByHour {
				label = hourLabel(label)
			}
			shown.Labels = append(shown.Labels, label)
		}
	}
	add := func(at int, name, unit string, value float64) { shown.curve(name, unit).Values[at] += value }
	for _, line := range found.Lines {
		label := line.Day
		if label == nil {
			label = line.Hour
		}
		at, known := place[*label]
		if !known {
			continue
		}
		add(at, "clicks", "clicks", float64(line.Clicks))
		add(at, "conversions", "conversions", float64(line.Conversions))
		for _, part := range line.Money {
			add(at, "revenue "+part.Currency, part.Currency, part.Revenue.InexactFloat64())
			add(at, "payout "+part.Currency, part.Currency, part.Payout.InexactFloat64())
		}
	}
	return shown
}

// curve returns the curve with a name, which begins as 0 throughout.
func (s *chartShown) curve(name, unit string) *curve {
	for _, one := range s.Curves {
		if one.Name == name {
			return one
		}
	}
	s.Curves = append(s.Curves, &curve{name, unit, make([]float64, len(s.Labels))})
	return s.Curves[len(s.Curves)-1]
}
