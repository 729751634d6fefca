package dead

import (
	"fmt"
	"time"

	"integr8/handlers/operate"
	"integr8/pipeline/outcome"
)

// Retention is how long dead letters are kept. Zero keeps them for ever. Open letters
// are kept for ever, except those with an unknown token.
type Retention struct {
	// Closed is for resolved, discarded or replayed letters, from that event on.
	Closed time.Duration
	// UnknownToken is for open letters whose token is unknown, from their death.
	UnknownToken time.Duration
}

// SurplusRetention is how long a hit with an unknown token is kept when it came above
// the rate for such hits: long enough to notice a flood of postbacks whose token is
// still to be imported, and to replay them.
const SurplusRetention = 24 * time.Hour

// Surplus returns how long open letters of hits above the rate are kept.
func (r Retention) Surplus() time.Duration {
	if r.UnknownToken > 0 {
		return min(r.UnknownToken, SurplusRetention)
	}
	return SurplusRetention
}

// KeptUntil returns when a dead letter's retention is over; zero when it is kept for
// ever, or for as long as it is open.
func (r Retention) KeptUntil(letter *Letter) time.Time {
	kept, since := time.Duration(0), letter.DiedAt
	switch {
	case letter.Status != Open:
		kept, since = r.Closed, letter.StatusAt
	case letter.Reason == outcome.UnknownToken && letter.Surplus:
		kept = r.Surplus()
	case letter.Reason == outcome.UnknownToken:
		kept = r.UnknownToken
	}
	if kept <= 0 {
		return time.Time{}
	}
	return since.Add(kept)
}

// String says in one line how long dead letters are kept.
func (r Retention) String() string {
	return fmt.Sprintf("Closed dead letters are kept %s, open ones with an unknown token %s; all other open ones for ever. See: `integr8 retention show`",
		kept(r.Closed), kept(r.UnknownToken))
}

func kept(span time.Duration) string {
	if span <= 0 {
		return "for ever"
	}
	return "for " + operate.Span(span)
}
