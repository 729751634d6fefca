package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"integr8/handlers/operate/report"
	"integr8/pipeline/outcome"
)

// explained is an outcome with its reason.
type explained struct {
	outcome outcome.Outcome
	reason  outcome.Reason
}

// ReportReasons counts the hits of the period, of whole quarter hours, that were rejected,
// unmatched or failed, the most frequent reason first. The newest hit of each is looked for
// in the last quarter hour that has one.
func (s *Store) ReportReasons(ctx context.Context, filter report.Filter) ([]report.Reason, error) {
	days, err := s.reasonsBy(ctx, filter, oneDay)
	if err != nil {
		return nil, fmt.Errorf("count reasons: %w", err)
	}
	var reasons []report.Reason
	quarters := map[time.Time]map[explained]counted{} // of a day
	for of, day := range days {
		found := report.Reason{Outcome: of.outcome, Reason: of.reason, Hits: day.hits}
		if quarters[day.last] == nil {
			within := filter
			within.From, within.To = later(filter.From, day.last), earlier(filter.To, day.last.Add(oneDay))
			if quarters[day.last], err = s.reasonsBy(ctx, within, report.Quarter); err != nil {
				return nil, fmt.Errorf("count reasons: %w", err)
			}
		}
		found.LastSeen = quarters[day.last][of].last
		reasons = append(reasons, found)
	}
	if err := s.findExamples(ctx, filter, reasons); err != nil {
		return nil, fmt.Errorf("look for examples of reasons: %w", err)
	}
	slices.SortFunc(reasons, func(a, b report.Reason) int {
		return cmp.Or(-cmp.Compare(a.Hits, b.Hits), cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Reason, b.Reason))
	})
	return reasons, nil
}

// counted is a number of hits, and the begin of the last unit of time with some.
type counted struct {
	hits int64
	last time.Time
}

// reasonsBy counts hits by reason, in units of a quarter hour or of a day of UTC.
func (s *Store) reasonsBy(ctx context.Context, filter report.Filter, unit time.Duration) (map[explained]counted, error) {
	var spans []report.Span
	var begins []time.Time
	for at := filter.From; at.Before(filter.To); at = at.Truncate(unit).Add(unit) {
		spans = append(spans, report.Span{Begin: at, Label: len(begins)})
		begins = append(begins, at.Truncate(unit))
	}
	sums, err := s.readRollups(ctx, rollupQuery{filter: filter, spans: spans, byReason: true,
		outcomes: []outcome.Outcome{outcome.Rejected, outcome.Unmatched, outcome.Failed}})
	if err != nil {
		return nil, err
	}
	// Of one unit a reason may have several sums, by kind.
	type place struct {
		explained
		label int64
	}
	places := map[place]int64{}
	for _, sum := range sums {
		places[place{explained{sum.Outcome, sum.Reason}, sum.Label}] += sum.Hits
	}
	reasons := map[explained]counted{}
	for at, hits := range places {
		if hits == 0 {
			continue
		}
		so := reasons[at.explained]
		reasons[at.explained] = counted{so.hits + hits, later(so.last, begins[at.label])}
	}
	return reasons, nil
}

// findExamples fills in the newest hit of each reason, whose LastSeen is its quarter hour. A
// hit whose row is gone leaves that.
func (s *Store) findExamples(ctx context.Context, filter report.Filter, reasons []report.Reason) error {
	examples := map[time.Time]map[explained]report.Reason{}
	for i, reason := range reasons {
		quarter := reason.LastSeen
		if examples[quarter] == nil {
			within := filter
			within.From, within.To = quarter, quarter.Add(report.Quarter)
			var rows []report.Reason
			if err := readRows(ctx, s, &rows, "reports/reasons", reportArguments(within)); err != nil {
				return err
			}
			examples[quarter] = map[explained]report.Reason{}
			for _, row := range rows {
				examples[quarter][explained{row.Outcome, row.Reason}] = row
			}
		}
		if found, ok := examples[quarter][explained{reason.Outcome, reason.Reason}]; ok {
			reasons[i].LastSeen, reasons[i].Example = found.LastSeen, found.Example
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
