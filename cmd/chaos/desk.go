package main

import (
	"maps"
	"math/rand/v2"
	"strconv"
	"time"
)

// desk is the model of what people have set for the offers and the publisher of a tenant:
// one state after the other.
type desk struct {
	publisher string
	states    []state
	// amount is the newest payout. No two are the same, so that each tells when it was set.
	amount int
}

// state is what holds from one edit to the next.
type state struct {
	// from is when the command that made it began, and until when the one that ended it
	// ended; zero for the last.
	from, until     time.Time
	publisherPaused bool
	offers          map[string]offerState
}

type offerState struct {
	paused bool
	// payout is the offer's, and override the publisher's own; empty for none.
	payout, override string
}

// edit is a command, and what it makes of a state.
type edit struct {
	args  []string
	apply func(*state)
}

// decision is what becomes of a sale of the offer: a reason, or the payout.
func (s *state) decision(offer string) string {
	o := s.offers[offer]
	switch {
	case o.paused:
		return "offer_paused"
	case s.publisherPaused:
		return "publisher_paused"
	case o.override != "":
		return o.override
	default:
		return o.payout
	}
}

// allows reports whether a decision is that of a state which held at that moment, or at
// most so long before.
func (d *desk) allows(offer, decision string, at time.Time, late time.Duration) bool {
	for i := range d.states {
		s := &d.states[i]
		if !s.from.After(at) && (s.until.IsZero() || !s.until.Before(at.Add(-late))) && s.decision(offer) == decision {
			return true
		}
	}
	return false
}

// made records that an edit was carried out since began.
func (d *desk) made(e edit, began time.Time) {
	next := state{from: began, offers: map[string]offerState{}}
	if last := len(d.states) - 1; last >= 0 {
		before := &d.states[last]
		before.until = time.Now()
		next.publisherPaused, next.offers = before.publisherPaused, maps.Clone(before.offers)
	}
	e.apply(&next)
	d.states = append(d.states, next)
}

// reprice returns the first edit of an offer.
func (d *desk) reprice(offer string) edit {
	d.amount++
	amount := strconv.Itoa(d.amount)
	return edit{args: []string{"offer", "edit", offer, "--payout", amount, "--revenue", "1000000"}, apply: func(s *state) {
		o := s.offers[offer]
		o.payout = amount
		s.offers[offer] = o
	}}
}

// next returns a random edit of an offer or of the publisher.
func (d *desk) next(random *rand.Rand, offer string) edit {
	now := d.states[len(d.states)-1]
	o := now.offers[offer]
	set := func(change func(*offerState)) func(*state) {
		return func(s *state) {
			o := s.offers[offer]
			change(&o)
			s.offers[offer] = o
		}
	}
	// What is paused is soon active again, so that the payouts decide most sales.
	switch n := random.IntN(8); {
	case n == 0, n < 5 && now.publisherPaused:
		return edit{args: []string{"publisher", "edit", d.publisher, "--status", status(!now.publisherPaused)},
			apply: func(s *state) { s.publisherPaused = !s.publisherPaused }}
	case n == 1, n < 5 && o.paused:
		return edit{args: []string{"offer", "edit", offer, "--status", status(!o.paused)},
			apply: set(func(o *offerState) { o.paused = !o.paused })}
	case n == 2 && o.override != "":
		return edit{args: []string{"offer", "edit", offer, "--publisher", d.publisher, "--clear-override"},
			apply: set(func(o *offerState) { o.override = "" })}
	case n == 2:
		d.amount++
		own := strconv.Itoa(d.amount)
		return edit{args: []string{"offer", "edit", offer, "--publisher", d.publisher, "--payout", own},
			apply: set(func(o *offerState) { o.override = own })}
	default:
		return d.reprice(offer)
	}
}

func status(paused bool) string {
	if paused {
		return "paused"
	}
	return "active"
}
