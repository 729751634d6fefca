package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// profile takes, while a trial counts, CPU profiles of its processes and the
// cost of each statement, if that was asked for. One that cannot be had is
// told, and spoils nothing. The function that it answers waits for them.
func (b *bench) profile(ctx context.Context, t trial, f *fleet, from, to time.Time) (wait func()) {
	if !b.options.Profile {
		return func() {}
	}
	name := fmt.Sprintf("%s-%s-%s-%d", t.part, t.contender.name, t.setting, t.round)
	name = filepath.Join(b.options.Out, strings.NewReplacer(" ", "-", ",", "", "%", "percent").Replace(name))
	var taking sync.WaitGroup
	take := func(what string, how func() error) {
		taking.Go(func() {
			if sleepUntil(ctx, from) != nil {
				return
			}
			if err := how(); err != nil && ctx.Err() == nil {
				b.say("no profile of the %s: %v", what, err)
			}
		})
	}
	for i, s := range append([]*service{f.receiver}, f.workers...) {
		if s.admin == "" {
			continue
		}
		path := fmt.Sprintf("%s-%d-%s.pprof", name, i, strings.TrimPrefix(s.name, "integr8 "))
		take(s.name, func() error { return fetchProfile(ctx, s.admin, to.Sub(from), path) })
	}
	take("statements", func() error { return t.ground.profileStatements(ctx, to, name+"-statements.txt") })
	return taking.Wait
}

// profileSettings let Postgres keep count of its statements.
var profileSettings = []string{"shared_preload_libraries=pg_stat_statements"}

// profileStatements writes what each statement has cost until a moment.
func (g *ground) profileStatements(ctx context.Context, until time.Time, path string) error {
	for _, statement := range []string{"CREATE EXTENSION IF NOT EXISTS pg_stat_statements",
		"ALTER SYSTEM SET pg_stat_statements.track_planning = on", "SELECT pg_reload_conf()", "SELECT pg_stat_statements_reset()"} {
		if _, err := g.db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	if err := sleepUntil(ctx, until); err != nil {
		return err
	}
	rows, err := g.db.QueryContext(ctx, `
		SELECT format('%8s calls  %8s rows  plan %8s ms  run %8s ms  together %6s s  WAL %9s kB  %s', calls, rows,
			round(mean_plan_time::numeric, 3), round(mean_exec_time::numeric, 3),
			round(((total_plan_time + total_exec_time) / 1000)::numeric, 2), round(wal_bytes / 1000),
			left(regexp_replace(query, '\s+', ' ', 'g'), 110))
		FROM pg_stat_statements ORDER BY total_plan_time + total_exec_time DESC LIMIT 20`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var text strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		text.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text.String()), 0o644)
}

func fetchProfile(ctx context.Context, admin string, length time.Duration, path string) error {
	// The admin address ends an answer after 30 s.
	seconds := max(1, min(20, int(length.Seconds())))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", admin, seconds), nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", response.Status)
	}
	return os.WriteFile(path, data, 0o644)
}
