package main

import (
	"context"
	"fmt"
	"strconv"
)

// The names by which a later run finds again what an earlier one has made.
const (
	accountName    = "integr8 demo"
	advertiserName = "Demo shop"
	publisherName  = "Demo blog"
	offerName      = "Trail shoes"
	pixelHost      = "localhost"
)

// setup is the demo account with all that belongs to it.
type setup struct {
	account   int64
	offer     int64
	publisher int64
	global    token
	offerOnly token
}

// token is a secure token as integr8 shows it.
type token struct {
	Token        string `json:"token"`
	URL          string `json:"url"`
	ClicklessURL string `json:"clickless_url"`
}

// named is any object of the listings.
type named struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Host        string `json:"host"`
	Destination string `json:"destination"`
}

// prepare makes the demo account, or finds that of an earlier run, and points
// its offer at the shop, whose port may have changed.
func prepare(ctx context.Context, program program, shop string) (setup, error) {
	s := steward{ctx: ctx, program: program}
	account := number(s.object("account", accountName).ID)
	s.scope = []string{"--account", account}
	advertiser := number(s.object("advertiser", advertiserName).ID)
	publisher := s.object("publisher", publisherName)
	destination := shop + "/shop?clickid={transaction_id}"
	offer := s.object("offer", offerName, "--advertiser", advertiser, "--destination", destination,
		"--payout", "2.50", "--revenue", "4.00", "--currency", "USD")
	if s.err == nil && offer.Destination != destination {
		s.ask(nil, "offer", "edit", number(offer.ID), "--destination", destination)
	}
	s.domain(pixelHost)
	made := setup{offer: offer.ID, publisher: publisher.ID}
	made.account, _ = strconv.ParseInt(account, 10, 64) // written by number above
	made.global, made.offerOnly = s.tokens(offer.ID)
	if s.err != nil {
		return setup{}, fmt.Errorf("set up the demo account: %w", s.err)
	}
	return made, nil
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// steward asks integr8 for one thing after another; after the first error it
// does nothing more.
type steward struct {
	ctx     context.Context
	program program
	scope   []string
	err     error
}

func (s *steward) ask(answer any, args ...string) {
	if s.err == nil {
		s.err = s.program.ask(s.ctx, answer, args...)
	}
}

// object finds the object of that kind and name, or creates it.
func (s *steward) object(kind, name string, more ...string) named {
	var all []named
	s.ask(&all, append([]string{kind, "list"}, s.scope...)...)
	for _, one := range all {
		if one.Name == name {
			return one
		}
	}
	var made named
	s.ask(&made, append(append([]string{kind, "create", "--name", name}, s.scope...), more...)...)
	return made
}

func (s *steward) domain(host string) {
	var all []named
	s.ask(&all, append([]string{"domain", "list"}, s.scope...)...)
	for _, one := range all {
		if one.Host == host {
			return
		}
	}
	s.ask(nil, append([]string{"domain", "create", "--host", host}, s.scope...)...)
}

// tokens gives the global and the offer-level token. One that cannot be shown,
// because the service secret is another than in the earlier run, is replaced.
func (s *steward) tokens(offer int64) (global, offerOnly token) {
	show := func() {
		var shown struct {
			Global *token
			Offers []token
		}
		s.ask(&shown, append([]string{"token", "show", "--offer", number(offer)}, s.scope...)...)
		if shown.Global != nil {
			global = *shown.Global
		}
		if len(shown.Offers) > 0 {
			offerOnly = shown.Offers[0]
		}
	}
	show()
	if global.Token == "" {
		s.ask(nil, append([]string{"token", "create"}, s.scope...)...)
	}
	if offerOnly.Token == "" {
		s.ask(nil, append([]string{"token", "create", "--offer", number(offer)}, s.scope...)...)
	}
	show()
	return global, offerOnly
}
