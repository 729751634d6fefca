package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"integr8/handlers/operate"
)

// postgres returns the database with its checks.
func postgres(db Store) server {
	look := func(name string, look func(*examination, context.Context, Store)) check {
		return check{name, func(ctx context.Context, e *examination) { look(e, ctx, db) }}
	}
	return server{
		name: "database", title: "Postgres",
		hangs: "check the machine and the log of Postgres: it accepts connections and does not respond",
		away:  "is Postgres running, and does DATABASE_URL name it?",
		reach: look("the connection", (*examination).reachDatabase),
		checks: []check{
			look("schema", (*examination).schema),
			look("durability", (*examination).durability),
			look("clock", (*examination).clock),
			look("conversions at a loss", (*examination).losses),
			look("orders", (*examination).orders),
			look("unique orders", (*examination).filling),
			look("offers", (*examination).reference),
			look("partitions", (*examination).partitions),
			look("retention", (*examination).retention),
			look("roll-ups", (*examination).rollups),
			look("waiting postbacks", (*examination).waiting),
			look("replayed dead letters", (*examination).replayed),
			look("jobs", (*examination).jobs),
			look("secrets", (*examination).secrets),
			look("change of secrets", (*examination).rotation),
			look("hits and dead letters by reason", (*examination).reasons),
			look("extent of the hits", (*examination).extent),
			look("pixels without a domain", (*examination).domains),
			look("purposes of tokens", (*examination).purposes),
			look("unused tokens", (*examination).unusedTokens),
			look("conflicts", (*examination).conflicts),
			look("leaks", (*examination).leaks),
			look("books", (*examination).books),
		},
	}
}

func (e *examination) reachDatabase(ctx context.Context, db Store) {
	if err := db.Ping(ctx); err != nil {
		e.away(err)
	}
}

// schema compares the applied migrations with those of this program.
func (e *examination) schema(ctx context.Context, db Store) {
	err := db.CheckSchema(ctx)
	if err == nil {
		return
	}
	e.failed("database", err)
	var differs interface{ Newer() bool }
	e.end = !errors.As(err, &differs) || !differs.Newer()
}

// durability checks that what a worker committed, and acknowledged to the broker,
// survives a crash of Postgres.
func (e *examination) durability(ctx context.Context, db Store) {
	found, err := db.Durability(ctx)
	if err != nil {
		e.failed("durability", err)
		return
	}
	level, hint := Broken, "turn it on in postgresql.conf, or where ALTER SYSTEM, ALTER DATABASE or ALTER ROLE turned it off, and reload Postgres"
	if found.Disposable {
		level, hint = Note, "the setting integr8.disposable says that the data of this server may be lost"
	}
	if len(found.Off) > 0 {
		e.add(Finding{Level: level, Check: "durability", Hint: hint,
			What: strings.Join(found.Off, ", ") + " off: conversions that were committed are lost when Postgres or its machine crashes"})
	}
	if len(found.Unlogged) > 0 {
		e.broken("durability", "Postgres empties these tables when it crashes, because they are unlogged: "+shortList(found.Unlogged),
			"ALTER TABLE NAME SET LOGGED, for each of them")
	}
}

// tolerableSkew is far below a difference that matters to any rule, and far above the
// drift of an hour without time synchronisation.
const tolerableSkew = 5 * time.Second

func (e *examination) clock(ctx context.Context, db Store) {
	asked := time.Now()
	now, err := db.Now(ctx)
	if err != nil {
		e.failed("clock", err)
		return
	}
	between := asked.Add(time.Since(asked) / 2)
	switch skew := now.Sub(between).Abs(); {
	case skew > operate.StoppingSkew:
		e.broken("clock", fmt.Sprintf("this machine's clock and the database's differ by %s: a worker with such a clock drops nothing by retention", skew.Round(time.Minute)),
			"find out which of the two is wrong, and synchronise the clocks of all machines, with chrony or the like")
	case skew > tolerableSkew:
		e.warn("clock", Party{}, fmt.Sprintf("this machine's clock and the database's differ by %s", skew.Round(time.Second)),
			"ids begin with the time: synchronise the clocks of all machines, with chrony or the like")
	}
}
