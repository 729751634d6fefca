package operate

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"
)

// StoppingSkew is how far the database's clock and a worker's may differ before
// retention stops dropping data: one of the two is wrong, and nothing shows which.
const StoppingSkew = time.Hour

// Clock writes a time for people, in UTC, to the second.
func Clock(at time.Time) string { return at.UTC().Format(time.DateTime) }

// PreciseClock is Clock to the millisecond, which separates the hits of a burst.
func PreciseClock(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05.000") }

// Span writes a span of time in the form that settings and flags accept: in days when
// it is a whole number of days.
func Span(span time.Duration) string {
	const day = 24 * time.Hour
	if span%day == 0 {
		return fmt.Sprintf("%dd", span/day)
	}
	return model.Duration(span).String()
}
