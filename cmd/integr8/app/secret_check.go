package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"integr8/handlers/attribution"
	"integr8/handlers/operate"
	"integr8/handlers/operate/secrets"
	"integr8/pipeline/failure"
	"integr8/pipeline/token"
)

// secretRegistry is where processes make their service secrets known.
type secretRegistry interface {
	RegisterSecrets(ctx context.Context, own []token.Fingerprint, signs bool) ([]token.KnownSecret, error)
}

// secretCheck compares the service secrets of a process with those that the
// database knows. A process that lacks the newest signer refuses genuine ids,
// so it is not ready. A receiver does not open its doors before the secret that
// it signs with is registered: then every other process can see that it misses
// it.
type secretCheck struct {
	own      []token.Fingerprint // the first signs
	signs    bool
	registry secretRegistry
	current  func() *attribution.Snapshot
	usable   <-chan struct{}
	logger   *slog.Logger

	settled chan struct{} // closed once the process may sign
	mu      sync.Mutex
	refused error     // why it may not, and nil afterwards
	seen    time.Time // when the registry last took the secrets
	told    string    // the last complaint that was logged
}

var errSecretsUnknown = errors.New("not compared with the database yet")

// compareTimeout bounds one look at the database, and compareAgain is the time
// to the next where the process may not sign yet.
const (
	compareTimeout = 5 * time.Second
	compareAgain   = time.Second
)

// run compares until ctx ends, and has the database know that the secrets are
// in use.
func (c *secretCheck) run(ctx context.Context) error {
	for {
		if time.Since(c.lastSeen()) >= secrets.SeenEvery || !c.isSettled() {
			if !c.register(ctx) {
				c.settleFromDisk()
			}
		}
		c.tell()
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(compareAgain):
		}
	}
}

// register makes the secrets known, and settles the process if it may sign. It
// returns false where the database cannot be asked.
func (c *secretCheck) register(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, compareTimeout)
	defer cancel()
	known, err := c.registry.RegisterSecrets(ctx, c.own, c.signs)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.settle(fmt.Errorf("%w: %w", errSecretsUnknown, err))
		return false
	}
	if c.seen.IsZero() {
		c.describe(known)
	}
	c.seen = time.Now()
	c.settle(c.judge(known))
	return true
}

// settleFromDisk settles by the reference data on disk while the database is
// away. A signer that is not known there must be registered first.
func (c *secretCheck) settleFromDisk() {
	select {
	case <-c.usable:
	default:
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.current().Secrets
	err := c.judge(known)
	if err == nil && c.signs && !token.Signs(known, c.own[0]) {
		err = failure.WithHint(fmt.Errorf("the database is away, and nobody knows the secret %s yet, which INTEGR8_SECRET would sign with", c.own[0]),
			"start with the list that the process had before, or wait for the database")
	}
	c.settle(err)
}

// settle notes what the process may do; called with mu held. Once it may sign,
// status reports what comes later.
func (c *secretCheck) settle(err error) {
	select {
	case <-c.settled:
		return
	default:
	}
	if c.refused = err; err == nil {
		close(c.settled)
	}
}

// judge refuses a list that lacks the newest signer.
func (c *secretCheck) judge(known []token.KnownSecret) error {
	newest, ok := token.NewestSigner(known)
	if !ok || slices.Contains(c.own, newest.Fingerprint) {
		return nil
	}
	return failure.WithHint(fmt.Errorf("INTEGR8_SECRET lacks the secret %s, which has signed transaction_ids since %s: they would be refused",
		newest.Fingerprint, newest.SignsSince.UTC().Format(time.DateTime)),
		fmt.Sprintf("add that secret, a new one behind it first: INTEGR8_SECRET=CURRENT,NEW. Only if it is lost for good: integr8 secret retire %s",
			newest.Fingerprint))
}

func (c *secretCheck) lastSeen() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen
}

func (c *secretCheck) isSettled() bool {
	select {
	case <-c.settled:
		return true
	default:
		return false
	}
}

// err reports why the process is not ready for its secrets, or nil.
func (c *secretCheck) err() error {
	if !c.isSettled() {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.refused
	}
	return c.judge(c.current().Secrets)
}

// status is the process's check of that name.
func (c *secretCheck) status(context.Context) (string, error) {
	err := c.err()
	if hint := failure.Hint(err); hint != "" {
		err = fmt.Errorf("%w; %s", err, hint)
	}
	return "", err
}

// tell logs what is wrong with the secrets once, and once that it is mended.
func (c *secretCheck) tell() {
	err := c.err()
	if errors.Is(err, errSecretsUnknown) {
		return // the reference data says that the database is away
	}
	text := ""
	if err != nil {
		text = err.Error()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case text == c.told:
		return
	case err != nil:
		c.logger.Error("not ready: the service secrets are not those of the other processes", "error", err, "hint", failure.Hint(err))
	default:
		c.logger.Info("the service secrets are those of the other processes")
	}
	c.told = text
}

// describe logs at the start which secrets the process has, and what a person
// may have left half done.
func (c *secretCheck) describe(known []token.KnownSecret) {
	signer := ""
	if c.signs {
		signer = string(c.own[0])
	}
	c.logger.Info("service secrets", "signs", signer, "verifies", c.own)
	newest, _ := token.NewestSigner(known)
	for _, secret := range known {
		if secret != newest && secret.MissedBy(c.own) {
			c.logger.Warn("INTEGR8_SECRET lacks a secret that has signed: ids of that time are refused",
				"fingerprint", secret.Fingerprint, "hint", operate.MissedSecretHint(secret.Fingerprint))
		}
	}
}
