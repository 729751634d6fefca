package reference

import (
	"strings"
	"time"
)

// ParseDeadline reads until when something is valid: a time (RFC 3339), the beginning of a
// day in UTC (2026-03-14), now, or never, which is the zero time. The error matches
// ErrInvalid.
func ParseDeadline(text string, now time.Time) (time.Time, error) {
	written := strings.TrimSpace(text)
	switch written {
	case "never":
		return time.Time{}, nil
	case "now":
		return now.UTC(), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, written); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, Refuse(ErrInvalid, "%q is neither a time such as 2026-03-14T15:00:00Z, nor a day, nor now or never", written)
}
