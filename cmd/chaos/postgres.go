package main

import (
	"context"
	"errors"
	"time"
)

// refuseDatabase makes Postgres refuse, in turn, every write, every new connection, and
// every open connection to the drill's database.
func refuseDatabase(ctx context.Context, r *round) error {
	ways := []struct{ what, begin, end string }{
		{"Postgres is read-only", "SET default_transaction_read_only = on", "SET default_transaction_read_only = off"},
		{"Postgres takes no connections", "WITH ALLOW_CONNECTIONS false", "WITH ALLOW_CONNECTIONS true"},
		{"Postgres ends every connection", "", ""},
	}
	for i := 0; r.pause(ctx, 1500*time.Millisecond, 3*time.Second); i++ {
		way := ways[i%len(ways)]
		r.fault("%s", way.what)
		err := r.system.AlterDatabase(ctx, way.begin)
		r.pause(ctx, 2*time.Second, 5*time.Second)
		if err := errors.Join(err, r.system.AlterDatabase(context.WithoutCancel(ctx), way.end)); err != nil {
			return err
		}
	}
	return ctx.Err()
}
