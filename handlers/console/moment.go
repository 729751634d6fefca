package console

import (
	"time"

	"github.com/prometheus/common/model"
)

// moment is a parameter of the URL that is a time: how long ago (24h, 7d), a day, or a time
// in UTC; zero without one.
func (v *visit) moment(name string) (time.Time, error) { return readMoment(name, v.query(name)) }

func readMoment(name, text string) (time.Time, error) { return readMomentIn(name, text, time.UTC) }

// readMomentIn reads days and times of a zone.
func readMomentIn(name, text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if span, err := model.ParseDuration(text); err == nil {
		return time.Now().Add(-time.Duration(span)), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime, time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at, nil
		}
	}
	return time.Time{}, &badRequest{name + " is how long ago (24h, 7d), a day (2026-01-31), or a time in " + zone.String() + " (2026-01-31T10:00)."}
}
