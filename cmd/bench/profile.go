package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"integr8/cmd/internal/process"
)

// profileSettings make Postgres count its statements.
var profileSettings = []string{"shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track_planning=on"}

// profile takes CPU profiles of the processes and the cost of each statement while a
// trial counts, if it was asked for. An error is reported and does not stop the trial.
// The returned function waits for the results.
func (b *bench) profile(ctx context.Context, t trial, f *fleet, from, to time.Time) (wait func()) {
	var taking sync.WaitGroup
	take := func(what string, read func() ([]byte, error)) {
		taking.Go(func() {
			if sleepUntil(ctx, from) != nil {
				return
			}
			name := strings.NewReplacer(" ", "-", ",", "", "%", "percent").Replace(
				fmt.Sprintf("%s-%s-%s-%d-%s", t.part, t.contender.name, t.setting, t.round, what))
			data, err := read()
			if err == nil {
				err = os.WriteFile(filepath.Join(b.options.Out, name), data, 0o644)
			}
			if err != nil && ctx.Err() == nil {
				b.say("no profile %s: %v", name, err)
			}
		})
	}
	if b.options.Profile {
		for _, s := range append(f.workers, f.receiver) {
			if s.admin != "" {
				take(s.Name+".pprof", func() ([]byte, error) { return cpuProfile(ctx, s.admin, to.Sub(from)) })
			}
		}
		take("statements.txt", func() ([]byte, error) { return t.ground.statements(ctx, to) })
	}
	return taking.Wait
}

func cpuProfile(ctx context.Context, admin string, length time.Duration) ([]byte, error) {
	// The admin address ends a response after 30 s.
	seconds := max(1, min(20, length.Seconds()))
	status, data, err := process.Fetch(ctx, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%.0f", admin, seconds))
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("answered %d", status)
	}
	return data, err
}

// statements returns the cost of each statement from now to a moment.
func (g *ground) statements(ctx context.Context, until time.Time) (text []byte, err error) {
	if _, err := g.db.ExecContext(ctx, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements; SELECT pg_stat_statements_reset()"); err != nil {
		return nil, err
	}
	if err := sleepUntil(ctx, until); err != nil {
		return nil, err
	}
	err = g.db.QueryRowContext(ctx, `
		SELECT string_agg(format(E'%8s calls  %8s rows  %8s s  %s\n', calls, rows, round((cost / 1000)::numeric, 2),
			left(regexp_replace(query, '\s+', ' ', 'g'), 110)), '' ORDER BY cost DESC)
		FROM (SELECT *, total_plan_time + total_exec_time AS cost FROM pg_stat_statements) AS statements`).Scan(&text)
	return text, err
}
