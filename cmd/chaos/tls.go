package main

import (
	"context"
	"errors"
	"time"

	"integr8/cmd/chaos/system"
)

// tlsExpiry is the drill of the same name: the certificate of Postgres expires or is
// replaced under load, until no process can connect any more.
type tlsExpiry struct{ tls *system.TLS }

func (e *tlsExpiry) encrypt(ctx context.Context, r *round) (err error) {
	e.tls, err = r.system.UseTLS(ctx)
	return err
}

// run spoils the certificate in one way after the other.
func (e *tlsExpiry) run(ctx context.Context, r *round) error {
	ways := []struct {
		what  string
		spoil func(context.Context) error
	}{
		{"the certificate of Postgres has expired", e.tls.Expire},
		{"the certificate of Postgres is of an unknown authority", e.tls.Usurp},
		{"Postgres encrypts no more", e.tls.Off},
		{"the certificate of Postgres is replaced by another valid one", e.tls.Renew},
	}
	for i := 0; r.pause(ctx, 2*time.Second, 3*time.Second); i++ {
		way := ways[i%len(ways)]
		r.fault("%s", way.what)
		err := way.spoil(ctx)
		r.pause(ctx, 4*time.Second, 6*time.Second)
		if err := errors.Join(err, e.tls.Renew(context.WithoutCancel(ctx))); err != nil {
			return err
		}
		r.say("a valid certificate is back")
	}
	return ctx.Err()
}
