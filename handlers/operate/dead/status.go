package dead

import (
	"time"

	"integr8/pipeline/outcome"
)

// Status is the status of a dead letter that follows from its events. It changes in the
// transaction that adds the event.
type Status string

// The statuses. An open letter waits for an operator. A replayed letter was published
// again, and is open again when its hit dies once more. A resolved letter's hit has
// since come to a good end; it is not replayed. A discarded letter was given up by an
// operator, and stays discarded when a further copy of its hit dies.
const (
	Open      Status = "open"
	Replayed  Status = "replayed"
	Resolved  Status = "resolved"
	Discarded Status = "discarded"
)

// State is a Status that splits the replayed letters: those whose hit may still be on
// its way, and those without news for SilentAfter, whose message may be lost. In a
// filter it may also be one of the groups.
type State string

// The states.
const (
	StateOpen      State = "open"
	StateOnTheWay  State = "on_the_way"
	StateSilent    State = "silent"
	StateResolved  State = "resolved"
	StateDiscarded State = "discarded"
)

// The groups of states, for filters; the empty one matches all.
const (
	// StateAttention is open and silent: the letters that an operator has to look at.
	StateAttention State = "attention"
	// StateReplayed is on_the_way and silent.
	StateReplayed State = "replayed"
)

// SilentAfter is the time without news after which a replayed letter is silent. It is
// longer than all retries of a hit take: a test compares it with the retry delays.
const SilentAfter = time.Hour

// States lists the states in the order in which they are shown.
func States() []State {
	return []State{StateOpen, StateSilent, StateOnTheWay, StateResolved, StateDiscarded}
}

// States lists the states that belong to a state or a group; nil for all.
func (s State) States() []State {
	switch s {
	case "":
		return nil
	case StateAttention:
		return []State{StateOpen, StateSilent}
	case StateReplayed:
		return []State{StateOnTheWay, StateSilent}
	default:
		return []State{s}
	}
}

// Statuses lists the statuses.
func Statuses() []Status { return []Status{Open, Replayed, Resolved, Discarded} }

// StatusCount counts the dead letters of one status and reason.
type StatusCount struct {
	Status  Status         `db:"status"`
	Reason  outcome.Reason `db:"reason"`
	Letters int64          `db:"letters"`
}

// StateCount counts the dead letters of one state.
type StateCount struct {
	State   State `db:"state" json:"state"`
	Letters int64 `db:"letters" json:"dead_letters"`
}
