package retention

import (
	"fmt"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
)

// Name is the name of a kind of data that is kept for a limited time.
type Name string

// The kinds of data with a retention.
const (
	// Hits is for clicks and hits, which are dropped by whole days.
	Hits Name = "hits"
	// ClosedDeadLetters is for dead letters that are resolved, discarded
	// or replayed, from that time on.
	ClosedDeadLetters Name = "closed_dead_letters"
	// UnknownTokenDeadLetters is for open dead letters whose token is unknown,
	// from their death. See also dead.SurplusRetention.
	UnknownTokenDeadLetters Name = "unknown_token_dead_letters"
)

// Names returns all names in the order in which they are shown.
func Names() []Name { return []Name{Hits, ClosedDeadLetters, UnknownTokenDeadLetters} }

// Times says how long each kind of data is kept. Zero, or no entry, means for ever.
type Times map[Name]time.Duration

// DeadLetters returns the retention of dead letters.
func (t Times) DeadLetters() dead.Retention {
	return dead.Retention{Closed: t[ClosedDeadLetters], UnknownToken: t[UnknownTokenDeadLetters]}
}

// Covers returns a TooShortError when hits are dropped while a conversion within the
// attribution window may still come. offer is the offer with that window; 0 for one
// that does not exist yet.
func (t Times) Covers(window time.Duration, offer int64, lateClicks time.Duration) error {
	kept := t[Hits]
	if kept == 0 || kept >= window+lateClicks {
		return nil
	}
	return &TooShortError{Kept: kept, Window: window, Offer: offer, LateClicks: lateClicks}
}

// TooShortError means that clicks and hits are dropped while they are still needed.
type TooShortError struct {
	// Kept is the retention that is too short.
	Kept time.Duration
	// Window is the attribution window that needs a longer retention, and Offer
	// is its offer; 0 for an offer that does not exist yet.
	Window time.Duration
	Offer  int64
	// LateClicks is how long a postback may wait for its click.
	LateClicks time.Duration
}

// Needed returns the shortest retention that is long enough.
func (e *TooShortError) Needed() time.Duration { return e.Window + e.LateClicks }

// Error names both times.
func (e *TooShortError) Error() string {
	whose := "this offer's"
	if e.Offer != 0 {
		whose = fmt.Sprintf("offer %d's", e.Offer)
	}
	return fmt.Sprintf("clicks and hits kept for %s are dropped before %s attribution window of %s and the late-click window of %s are over",
		inDays(e.Kept), whose, inDays(e.Window), inDays(e.LateClicks))
}

// Hint says how the refused retention or attribution window becomes possible.
func (e *TooShortError) Hint() string {
	return fmt.Sprintf("keep clicks and hits longer, `integr8 retention set --hits %s` or more, or for ever with 0; or make the window shorter: `integr8 offer edit ID --window`",
		operate.Span(e.Needed()))
}

// inDays formats a duration, whole days as days.
func inDays(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	return d.String()
}
