package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"integr8/sql/store"
)

// postgres is the database with what is looked at.
func (e *examination) postgres() (patient, bool) {
	db, err := e.app.store()
	if err != nil {
		e.failed("settings", err)
		return patient{}, false
	}
	look := func(name string, look func(*examination, context.Context, *store.Store)) check {
		return check{name, func(ctx context.Context, e *examination) { look(e, ctx, db) }}
	}
	return patient{
		name: "database", title: "Postgres", hint: "look at the machine and the log of Postgres: it takes connections and does not answer",
		reach: look("the connection", (*examination).reachDatabase),
		checks: []check{
			look("schema", (*examination).schema),
			look("durability", (*examination).durability),
			look("clock", (*examination).clock),
			look("partitions", (*examination).partitions),
			look("retention", (*examination).retention),
			look("waiting postbacks", (*examination).waiting),
			look("replayed dead letters", (*examination).replayed),
			look("offers", (*examination).reference),
			look("secrets", (*examination).secrets),
			look("change of secrets", (*examination).rotation),
			look("hits and dead letters by reason", (*examination).reasons),
			look("pixels without a domain", (*examination).domains),
			look("purposes of tokens", (*examination).purposes),
			look("unused tokens", (*examination).unusedTokens),
			look("conflicts", (*examination).conflicts),
			look("orders", (*examination).orders),
			look("unique orders", (*examination).filling),
			look("leaks", (*examination).leaks),
		},
	}, true
}

func (e *examination) reachDatabase(ctx context.Context, db *store.Store) {
	if err := db.Ping(ctx); err != nil {
		e.unreachable("database", oneLine(err), "is Postgres running, and does DATABASE_URL name it?")
	}
}

// schema compares the migrations that were applied with those of this program.
func (e *examination) schema(ctx context.Context, db *store.Store) {
	pending, err := db.Pending(ctx)
	if err != nil {
		e.failed("database", err)
		e.end = true
		return
	}
	if pending {
		e.unreachable("database", "the schema is not up to date", "run integr8 migrate")
		return
	}
	applied, known, err := db.SchemaVersions(ctx)
	if err != nil {
		e.failed("database", err)
		return
	}
	if applied > known {
		e.broken("database", fmt.Sprintf("the schema is of version %d, and this program knows it up to %d only", applied, known),
			"use the integr8 that migrated it, or a newer one, for every process")
	}
}

// durability looks whether what a worker committed, and acknowledged to the
// broker, outlives a crash of Postgres.
func (e *examination) durability(ctx context.Context, db *store.Store) {
	found, err := db.Durability(ctx)
	if err != nil {
		e.failed("durability", err)
		return
	}
	level, hint := levelBroken, "turn it on in postgresql.conf, or where ALTER SYSTEM, ALTER DATABASE or ALTER ROLE turned it off, and reload Postgres"
	if found.Disposable {
		level, hint = levelNote, "the setting integr8.disposable says that nobody will miss the data of this server"
	}
	if len(found.Off) > 0 {
		e.add(finding{Level: level, Check: "durability", Hint: hint,
			What: strings.Join(found.Off, ", ") + " off: conversions that were committed are lost when Postgres or its machine crashes"})
	}
	if len(found.Unlogged) > 0 {
		e.broken("durability", "Postgres empties these tables when it crashes, for they are unlogged: "+shortList(found.Unlogged),
			"ALTER TABLE NAME SET LOGGED, for each of them")
	}
}

// tolerableSkew is far below what makes a difference to any rule, and far
// above what an hour without time synchronisation costs.
const tolerableSkew = 5 * time.Second

func (e *examination) clock(ctx context.Context, db *store.Store) {
	asked := time.Now()
	now, err := db.Now(ctx)
	if err != nil {
		e.failed("clock", err)
		return
	}
	between := asked.Add(time.Since(asked) / 2)
	switch skew := now.Sub(between).Abs(); {
	case skew > stoppingSkew:
		e.broken("clock", fmt.Sprintf("this machine's clock and the database's differ by %s: a worker with such a clock drops nothing by retention", skew.Round(time.Minute)),
			"find out which of the two is wrong, and synchronise the clocks of all machines, with chrony or the like")
	case skew > tolerableSkew:
		e.warn("clock", party{}, fmt.Sprintf("this machine's clock and the database's differ by %s", skew.Round(time.Second)),
			"ids begin with the time: synchronise the clocks of all machines, with chrony or the like")
	}
}
