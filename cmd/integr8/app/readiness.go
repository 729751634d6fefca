package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"integr8/pipeline/monitor"
	"integr8/pipeline/rabbit"
)

// readiness is what a component means for the readiness of its process. The zero
// value means nothing.
type readiness struct {
	check monitor.Check
	// without says how the process goes on while the check fails, which is then a
	// remark of /readyz. Empty where the process is not ready.
	without string
}

// required makes a process not ready while the check fails.
func required(check monitor.Check) readiness { return readiness{check: check} }

// tolerated makes the process go on, in the way that the text says.
func (r readiness) tolerated(without string) readiness {
	r.without = without
	return r
}

// look is the check as /readyz shows it.
func (r readiness) look(ctx context.Context) (remark string, err error) {
	remark, err = r.check(ctx)
	if err != nil && r.without != "" {
		return r.without + ": " + err.Error(), nil
	}
	return remark, err
}

// checks are those of the components, by their names. ctx is the one that ends when
// the process is to stop.
func (l *lifecycle) checks(ctx context.Context) map[string]monitor.Check {
	checks := map[string]monitor.Check{
		"process": func(context.Context) (string, error) {
			if ctx.Err() != nil {
				return "", errors.New("stopping")
			}
			return "", nil
		},
	}
	for _, c := range l.components {
		if c.ready.check != nil {
			checks[c.name] = c.ready.look
		}
	}
	return checks
}

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

func (p *process) checkReference(context.Context) (string, error) {
	select {
	case <-p.reference.Usable():
	default:
		return "", errors.New("not loaded from the database yet")
	}
	if p.reference.Restored() {
		return "the database is away, this is from disk, as of " + p.reference.Current().LoadedAt.UTC().Format(time.RFC3339), nil
	}
	return "", nil
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
