package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
)

// The names with which a later run finds the objects of an earlier one.
const (
	accountName    = "integr8 demo"
	advertiserName = "Demo shop"
	publisherName  = "Demo blog"
	offerName      = "Trail shoes"
	pixelHost      = "localhost"
	userName       = "demo"
)

// setup is the demo account with its objects.
type setup struct {
	account   int64
	offer     int64
	publisher int64
	global    token
	offerOnly token
	// pixel and clickless are tokens made for these ways in: the first is public, and
	// with the second the sent amounts count.
	pixel     token
	clickless token
}

// token is a secure token in the output of integr8.
type token struct {
	Token string `json:"token"`
}

// scope is the output of integr8 for every offer of an account, or for one offer.
type scope struct {
	token
	Ways []struct {
		token
		Way     string  `json:"way"`
		Purpose *string `json:"purpose"`
	} `json:"ways"`
}

// made returns the token that was made for a way in; empty when there is none.
func (s scope) made(way string) token {
	for _, one := range s.Ways {
		if one.Way == way && one.Purpose != nil {
			return one.token
		}
	}
	return token{}
}

// named is any object of the listings.
type named struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Host        string `json:"host"`
	Destination string `json:"destination"`
}

// prepare makes the demo account, or finds that of an earlier run, and sets the offer's
// destination to the shop, whose port may have changed.
func prepare(ctx context.Context, program program, shop string) (setup, error) {
	s := steward{ctx: ctx, program: program}
	account := number(s.object("account", accountName).ID)
	s.scope = []string{"--account", account}
	advertiser := number(s.object("advertiser", advertiserName).ID)
	publisher := s.object("publisher", publisherName)
	destination := shop + "/shop?clickid={transaction_id}"
	offer := s.object("offer", offerName, "--advertiser", advertiser, "--destination", destination,
		"--payout", "2.50", "--revenue", "4.00", "--currency", "USD", "--ceiling", "50")
	if s.err == nil && offer.Destination != destination {
		s.ask(nil, "offer", "edit", number(offer.ID), "--destination", destination)
	}
	s.domain(pixelHost)
	made := setup{offer: offer.ID, publisher: publisher.ID}
	made.account, _ = strconv.ParseInt(account, 10, 64) // written by number above
	s.tokens(&made)
	if s.err != nil {
		return setup{}, fmt.Errorf("set up the demo account: %w", s.err)
	}
	return made, nil
}

// consoleLink makes the user of the console, unless an earlier run has, and returns a link
// with which he logs in once.
func consoleLink(ctx context.Context, program program) (string, error) {
	s := steward{ctx: ctx, program: program}
	var users []named
	s.ask(&users, "user", "list")
	if !slices.ContainsFunc(users, func(user named) bool { return user.Name == userName }) {
		s.ask(nil, "user", "create", userName, "--role", "admin", "--all-accounts", "--no-password")
	}
	var made struct{ Link string }
	s.ask(&made, "user", "link", userName)
	if s.err != nil {
		return "", fmt.Errorf("make a log-in of the console: %w", s.err)
	}
	return made.Link, nil
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// steward runs one command of integr8 after the other; after the first error it does
// nothing more.
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

// tokens finds the tokens of the demo, and makes the missing ones. It replaces a token
// that cannot be shown because the earlier run had another service secret.
func (s *steward) tokens(made *setup) {
	offer := []string{"--offer", number(made.offer)}
	show := func() {
		var shown struct {
			Global *scope
			Offers []scope
		}
		s.ask(&shown, slices.Concat([]string{"token", "show"}, offer, s.scope)...)
		if shown.Global != nil {
			made.global, made.pixel = shown.Global.token, shown.Global.made("pixel")
		}
		if len(shown.Offers) > 0 {
			made.offerOnly, made.clickless = shown.Offers[0].token, shown.Offers[0].made("clickless")
		}
	}
	show()
	for _, missing := range []struct {
		token token
		args  []string
	}{
		{made.global, nil}, {made.offerOnly, offer}, {made.pixel, []string{"--for", "pixel"}},
		{made.clickless, slices.Concat(offer, []string{"--for", "clickless"})},
	} {
		if missing.token.Token == "" {
			s.ask(nil, slices.Concat([]string{"token", "create"}, missing.args, s.scope)...)
		}
	}
	show()
}
