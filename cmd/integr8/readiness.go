package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"integr8/pipeline/rabbit"
)

// What a probe shows of a server. Anybody may ask: addresses and errors are in the
// log only.
var (
	errHangs = errors.New("accepts connections and does not answer")
	errAway  = errors.New("cannot be reached or refuses, see the log")
)

// checkDatabase asks Postgres for a sign of life.
func (p *process) checkDatabase(ctx context.Context) (string, error) {
	return "", probed(p.store.Ping(ctx))
}

// checkBroker asks RabbitMQ for one, on the connection that hits take.
func (p *process) checkBroker(ctx context.Context) (string, error) {
	return "", probed(p.publisher.Ping(ctx))
}

func probed(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return errHangs
	default:
		return errAway
	}
}

// checkHold reports why no hit is handled for now.
func (p *process) checkHold(context.Context) (string, error) {
	hold := p.hold.Load()
	if hold == nil {
		return "", nil
	}
	return "", fmt.Errorf("held since %s: %s cannot be used, see the log", hold.Since.UTC().Format(time.RFC3339), serverOf(hold.Cause))
}

// serverOf names the server of an outage.
func serverOf(outage error) string {
	if rabbit.IsOutage(outage) {
		return "the broker"
	}
	return "the database"
}

// tolerate makes a remark of what a check finds: the process does without. what
// says how.
func (p *process) tolerate(name, what string) {
	check := p.checks[name]
	p.checks[name] = func(ctx context.Context) (string, error) {
		remark, err := check(ctx)
		if err != nil {
			return what + ": " + err.Error(), nil
		}
		return remark, nil
	}
}
