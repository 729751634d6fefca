package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"integr8/cmd/chaos/system"
	"integr8/cmd/internal/poll"
)

// secretVariable names the service secrets of a process.
const secretVariable = "INTEGR8_SECRET"

// moreSecrets adds two secrets to the model: one that is introduced as the README says,
// and one that is introduced in haste.
func moreSecrets(_ context.Context, r *round) error {
	r.system.World.NextSecret = "drill " + rand.Text()
	r.system.World.HastySecret = "drill " + rand.Text()
	return nil
}

// rotateSecret changes the service secret under load: once wrongly, with only the new
// secret on one receiver; once as documented; and once without the first phase, so that
// one receiver refuses ids of the other.
func rotateSecret(ctx context.Context, r *round) error {
	world := r.system.World
	current, next, hasty := world.Secret, world.NextSecret, world.HastySecret
	first, second := r.system.Receivers[0], r.system.Receivers[1]

	r.pause(ctx, time.Second, 2*time.Second)
	r.fault("%s has the new secret alone", first.Name)
	if err := r.restart(ctx, first, notReady, next); err != nil {
		return err
	}
	r.pause(ctx, time.Second, 2*time.Second)
	r.say("mend %s", first.Name)
	if err := r.restart(ctx, first, ready, current); err != nil {
		return err
	}

	for _, list := range [][]string{{current, next}, {next, current}} {
		for _, p := range r.system.Processes() {
			r.pause(ctx, 200*time.Millisecond, 600*time.Millisecond)
			r.fault("restart %s with two secrets", p.Name)
			if err := r.restart(ctx, p, ready, list...); err != nil {
				return err
			}
		}
	}

	r.pause(ctx, time.Second, 2*time.Second)
	r.fault("%s signs with a secret that no other process has", first.Name)
	all := []string{hasty, next, current}
	if err := r.restart(ctx, first, ready, all...); err != nil {
		return err
	}
	if err := r.becomes(ctx, second, notReady); err != nil {
		return err
	}
	r.pause(ctx, 2*time.Second, 3*time.Second)
	for _, p := range []*system.Process{r.system.Workers[0], second, r.system.Workers[1]} {
		r.say("mend %s", p.Name)
		if err := r.restart(ctx, p, ready, all...); err != nil {
			return err
		}
		r.pause(ctx, 500*time.Millisecond, time.Second)
	}
	return ctx.Err()
}

// Answers of a process on /readyz.
const (
	ready    = true
	notReady = false
)

// restart stops a process, starts it with these service secrets, and waits until
// /readyz reports the expected state.
func (r *round) restart(ctx context.Context, p *system.Process, want bool, secrets ...string) error {
	if err := p.Stop(ctx); err != nil {
		return err
	}
	p.Set(secretVariable + "=" + strings.Join(secrets, ","))
	if err := p.Start(); err != nil {
		return err
	}
	if want {
		if err := p.Ready(ctx); err != nil {
			return err
		}
	}
	return r.becomes(ctx, p, want)
}

// becomes waits until a process is ready, or is not ready because of its secrets.
func (r *round) becomes(ctx context.Context, p *system.Process, want bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 30*time.Second, errors.New("not within 30 s"))
	defer cancel()
	var remarks string
	err := poll.Until(ctx, 50*time.Millisecond, func() (bool, error) {
		var isReady bool
		var err error
		isReady, remarks, err = p.Readiness(ctx)
		return err == nil && isReady == want && (want || strings.Contains(remarks, "secrets: INTEGR8_SECRET lacks")), nil
	})
	if err != nil {
		return fmt.Errorf("wait until %s is ready (%t): %w; /readyz says: %s", p.Name, want, err, remarks)
	}
	return nil
}

// replayUnverified replays the hits that were refused because of their id. Forged ones
// die again.
func replayUnverified(ctx context.Context, r *round) error {
	if err := r.system.Quiet(ctx, receipts(r.ledger.Entries())); err != nil {
		return err
	}
	var refused int
	err := r.system.DB.QueryRowContext(ctx, "SELECT count(*) FROM dead_letters WHERE reason = 'unverified_transaction_id'").Scan(&refused)
	if err != nil {
		return fmt.Errorf("count what was refused: %w", err)
	}
	r.fault("replay %d hits that were refused for their id", refused)
	_, err = r.system.Integr8(ctx, "dead", "replay", "--reason", "unverified_transaction_id")
	return err
}
