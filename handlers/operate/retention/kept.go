package retention

import (
	"context"
	"fmt"
	"time"

	"integr8/handlers/operate"
)

// Store reads and changes how long data is kept.
type Store interface {
	Retention(ctx context.Context) (Times, error)
	// SetRetention changes the times in change, all or none, and returns the times of
	// all kinds. It returns a TooShortError when hits would be dropped before the
	// largest attribution window of any offer and the late-click window are over.
	SetRetention(ctx context.Context, change Times, lateClicks time.Duration) (Times, error)
}

// Retentions are the use cases on how long data is kept.
type Retentions struct {
	Store Store
	// LateClicks is how long a postback may wait for its click.
	LateClicks time.Duration
}

// Kept is how long one kind of data is kept, in the form that is shown.
type Kept struct {
	Name Name `json:"name"`
	// Seconds is 0 for data that is kept for ever.
	Seconds int64  `json:"seconds"`
	Keeps   string `json:"keeps"`
	Of      string `json:"of"`
}

// of describes the data of each retention.
var of = map[Name]string{
	Hits:                    "clicks and hits, by whole days from their receipt; conversions are kept for ever",
	ClosedDeadLetters:       "dead letters resolved, discarded or replayed, from then on",
	UnknownTokenDeadLetters: "open dead letters with an unknown token, from their death; past the rate of such hits, with the hit, at most a day",
}

// Show returns how long each kind of data is kept.
func (r Retentions) Show(ctx context.Context) ([]Kept, error) {
	times, err := r.Store.Retention(ctx)
	if err != nil {
		return nil, err
	}
	return shown(times), nil
}

// Set changes the times in change, all or none, for all workers. It returns a
// TooShortError when hits would be dropped while they are still needed.
func (r Retentions) Set(ctx context.Context, change Times) ([]Kept, error) {
	if err := change.Check(); err != nil {
		return nil, err
	}
	times, err := r.Store.SetRetention(ctx, change, r.LateClicks)
	if err != nil {
		return nil, err
	}
	return shown(times), nil
}

// Check refuses times that are not whole seconds, because seconds are stored.
func (t Times) Check() error {
	for _, name := range Names() {
		if t[name]%time.Second != 0 {
			return fmt.Errorf("%s: %s is not a whole number of seconds", name, t[name])
		}
	}
	return nil
}

// Recorded returns the times as the history holds them: how long each is kept, by name.
func (t Times) Recorded() map[Name]string {
	recorded := map[Name]string{}
	for _, kept := range shown(t) {
		recorded[kept.Name] = kept.Keeps
	}
	return recorded
}

func shown(times Times) []Kept {
	all := []Kept{}
	for _, name := range Names() {
		kept := Kept{Name: name, Seconds: int64(times[name] / time.Second), Keeps: "for ever", Of: of[name]}
		if times[name] > 0 {
			kept.Keeps = operate.Span(times[name])
		}
		all = append(all, kept)
	}
	return all
}
