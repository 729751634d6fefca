package report

import (
	"context"
	"time"

	"integr8/pipeline/outcome"
)

// MinuteHits counts the hits of a minute with the same outcome.
type MinuteHits struct {
	Minute  time.Time       `db:"minute"`
	Outcome outcome.Outcome `db:"outcome"`
	Hits    int64           `db:"hits"`
}

// Minute counts the hits that were received in a minute and have an outcome.
type Minute struct {
	Begin time.Time `json:"begin"`
	// Accepted counts all of them, clicks too.
	Accepted  int64 `json:"accepted"`
	Converted int64 `json:"converted"`
	Duplicate int64 `json:"duplicate"`
	// Rejected counts those that were rejected, unmatched or failed.
	Rejected int64 `json:"rejected"`
}

func (m *Minute) add(of outcome.Outcome, hits int64) {
	m.Accepted += hits
	switch of {
	case outcome.Converted:
		m.Converted += hits
	case outcome.Duplicate:
		m.Duplicate += hits
	case outcome.Rejected, outcome.Unmatched, outcome.Failed:
		m.Rejected += hits
	}
}

// MostMinutes is how far back Minutes counts: roll-ups by minute are kept for two days.
const MostMinutes = 48 * 60

// Minutes counts an account's hits (0: of all) of the last minutes, the running one last.
// A minute without any is 0 throughout.
func (r Reports) Minutes(ctx context.Context, account int64, minutes int) ([]Minute, error) {
	begin := time.Now().UTC().Truncate(time.Minute).Add(-time.Duration(min(minutes, MostMinutes)-1) * time.Minute)
	counts, err := r.Store.MinuteHits(ctx, account, begin)
	if err != nil {
		return nil, err
	}
	return minutesOf(counts, begin, min(minutes, MostMinutes)), nil
}

func minutesOf(counts []MinuteHits, begin time.Time, minutes int) []Minute {
	all := make([]Minute, minutes)
	for i := range all {
		all[i].Begin = begin.Add(time.Duration(i) * time.Minute)
	}
	for _, count := range counts {
		// A receiver's clock may be ahead.
		if at := int(count.Minute.Sub(begin) / time.Minute); at >= 0 && at < minutes {
			all[at].add(count.Outcome, count.Hits)
		}
	}
	return all
}
