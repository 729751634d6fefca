package cli

import (
	"fmt"
	"strings"
	"time"
)

// moment is a point in time as an operator writes one: a time (RFC 3339), a
// day, or how long ago (24h, 7d). All are in UTC.
type moment struct {
	time.Time
	// day is set when a whole day was named; the time is its beginning.
	day bool
}

// UnmarshalText reads a moment; how long ago counts from now.
func (m *moment) UnmarshalText(text []byte) error {
	written := strings.TrimSpace(string(text))
	if at, err := time.Parse(time.RFC3339, written); err == nil {
		*m = moment{Time: at.UTC()}
		return nil
	}
	if day, err := time.Parse(time.DateOnly, written); err == nil {
		*m = moment{Time: day, day: true}
		return nil
	}
	ago, err := parseDuration(written)
	if err != nil {
		return fmt.Errorf("%q is neither a time (2026-03-14T15:00:00Z), a day (2026-03-14), nor how long ago (24h, 7d)", written)
	}
	*m = moment{Time: time.Now().UTC().Add(-ago)}
	return nil
}

// in is the moment where a day is one of a zone.
func (m moment) in(zone *time.Location) moment {
	if m.day {
		m.Time = time.Date(m.Year(), m.Month(), m.Day(), 0, 0, 0, 0, zone)
	}
	return m
}

// end is the moment until which a period lasts that is said to go to m: a day
// is included whole.
func (m moment) end() time.Time {
	if m.day {
		return m.AddDate(0, 0, 1)
	}
	return m.Time
}
