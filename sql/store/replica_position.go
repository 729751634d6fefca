package store

import (
	"context"
	"errors"
	"fmt"
)

// replicaPosition is what a server says of itself.
type replicaPosition struct {
	Follows  bool   `db:"follows"` // it is a replica
	Replayed int64  `db:"replayed"`
	Written  int64  `db:"written"`
	Database string `db:"database"`
	Cluster  string `db:"cluster"`
}

// mayStandFor reports why the server must not be read in place of a primary.
func (p replicaPosition) mayStandFor(primary replicaPosition) error {
	switch {
	case p.Cluster != primary.Cluster:
		return errors.New("it follows another primary than that of DATABASE_URL")
	case p.Database != primary.Database:
		return fmt.Errorf("INTEGR8_REPLICA_URL names the database %q and DATABASE_URL %q", p.Database, primary.Database)
	}
	return nil
}

// askPrimary returns what the primary has written. All that was committed before the time
// of the mark is in it.
func (r *Replica) askPrimary(ctx context.Context) (replicaMark, replicaPosition, error) {
	ctx, cancel := context.WithTimeout(ctx, replicaTime)
	defer cancel()
	mark := replicaMark{at: r.now()}
	var said replicaPosition
	err := selectRow(ctx, r.primary.db, &said, "replicas/primary", nil)
	mark.written = said.Written
	return mark, said, err
}

func (r *Replica) askReplica(ctx context.Context) (said replicaPosition, err error) {
	ctx, cancel := context.WithTimeout(ctx, replicaTime)
	defer cancel()
	if err := selectRow(ctx, r.looks, &said, "replicas/replica", nil); err != nil {
		return said, fmt.Errorf("it cannot be asked: %w", err)
	}
	if !said.Follows {
		return said, errors.New("it follows no primary: it is a primary itself")
	}
	return said, nil
}
