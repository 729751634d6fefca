package store

import (
	"context"
	"fmt"
	"time"
)

// DeadStatus is what the events of a dead letter make of it; it changes in the
// transaction that adds the event.
type DeadStatus string

// The statuses. An open one waits for an operator. A replayed one has been
// published again: it is open anew when it dies once more. A resolved one has
// since come to a good end and is not replayed. A discarded one was given up by
// an operator, and stays so when a further copy of its hit dies.
const (
	DeadOpen      DeadStatus = "open"
	DeadReplayed  DeadStatus = "replayed"
	DeadResolved  DeadStatus = "resolved"
	DeadDiscarded DeadStatus = "discarded"
)

// DeadState is a DeadStatus that tells apart replayed letters whose hit may
// still be on its way and those of which nothing was heard for SilentAfter: the
// message may be lost. In a filter it may also be one of the groups.
type DeadState string

// The states.
const (
	StateOpen      DeadState = "open"
	StateOnTheWay  DeadState = "on_the_way"
	StateSilent    DeadState = "silent"
	StateResolved  DeadState = "resolved"
	StateDiscarded DeadState = "discarded"
)

// The groups of states, for filters; the empty one chooses all.
const (
	// StateAttention is open and silent: what an operator has to look at.
	StateAttention DeadState = "attention"
	// StateReplayed is on_the_way and silent.
	StateReplayed DeadState = "replayed"
)

// SilentAfter is how long nothing may be heard of a replayed letter: longer than
// all retries of a hit take.
const SilentAfter = time.Hour

// DeadStates lists the states in the order in which they are shown.
func DeadStates() []DeadState {
	return []DeadState{StateOpen, StateSilent, StateOnTheWay, StateResolved, StateDiscarded}
}

// States lists the states that a state or a group stands for; nil for all.
func (s DeadState) States() []DeadState {
	switch s {
	case "":
		return nil
	case StateAttention:
		return []DeadState{StateOpen, StateSilent}
	case StateReplayed:
		return []DeadState{StateOnTheWay, StateSilent}
	default:
		return []DeadState{s}
	}
}

// choose returns the statuses that a state stands for, and which of the replayed
// letters: "silent", "on_the_way", or "" for either.
func (s DeadState) choose() (statuses []string, replayed string) {
	switch s {
	case "":
		return []string{}, ""
	case StateAttention:
		return []string{string(DeadOpen), string(DeadReplayed)}, string(StateSilent)
	case StateSilent, StateOnTheWay:
		return []string{string(DeadReplayed)}, string(s)
	default:
		return []string{string(s)}, ""
	}
}

// DeadStateCount counts the dead letters of one state.
type DeadStateCount struct {
	State   DeadState `db:"state" json:"state"`
	Letters int64     `db:"letters" json:"dead_letters"`
}

// CountDeadStates counts the dead letters that the filter chooses by state, in
// no order.
func (s *Store) CountDeadStates(ctx context.Context, filter DeadFilter) ([]DeadStateCount, error) {
	var counts []DeadStateCount
	if err := s.selectNamed(ctx, &counts, "dead_letters_by_state", filter.arguments()); err != nil {
		return nil, fmt.Errorf("count dead letters by state: %w", err)
	}
	return counts, nil
}
