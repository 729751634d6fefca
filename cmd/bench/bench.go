package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"integr8/cmd/bench/report"
	"integr8/pipeline/hit"
)

// bench is one run.
type bench struct {
	options options
	// stderr is told how it goes, stdout gets the page.
	stdout, stderr io.Writer
	// work holds programs, logs and spools of the run.
	work string
	// executable is this program, which also holds the baseline.
	executable string
	secret     string
	stack      *stack
	ground     *ground
	run        report.Run
	began      time.Time
}

// Run measures what was asked for and writes the page. What was measured
// before an error or an interrupt is written all the same.
func (o *options) Run(ctx context.Context, out *output) (err error) {
	if err := o.settle(); err != nil {
		return err
	}
	b := &bench{options: *o, stdout: out.stdout, stderr: out.stderr, secret: rand.Text(), began: time.Now()}
	if b.executable, err = os.Executable(); err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	if b.work, err = os.MkdirTemp("", "integr8-bench-"); err != nil {
		return fmt.Errorf("make a directory for programs and logs: %w", err)
	}
	defer func() {
		if err != nil && ctx.Err() == nil {
			b.say("programs and logs are left in %s", b.work)
			return
		}
		err = errors.Join(err, os.RemoveAll(b.work))
	}()
	if err := os.MkdirAll(b.options.Out, 0o755); err != nil {
		return fmt.Errorf("make the directory of the page: %w", err)
	}
	if err := b.begin(ctx); err != nil {
		return err
	}
	err = errors.Join(b.measureParts(ctx), b.write())
	if b.options.Keep {
		b.say("the servers are left running: bin/devstack clean --dir %s", b.options.Stack)
		return err
	}
	return errors.Join(err, b.ground.close(), b.stack.stop())
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.stderr, "%6s  "+format+"\n", append([]any{time.Since(b.began).Round(time.Second)}, args...)...)
}

func (b *bench) program(name string) string { return filepath.Join(b.work, name) }

// begin builds the programs, starts the servers and makes the ground on which
// most parts stand.
func (b *bench) begin(ctx context.Context) error {
	b.say("building integr8 and devstack")
	if err := build(ctx, b.work); err != nil {
		return err
	}
	b.stack = &stack{dir: b.options.Stack, devstack: b.program("devstack")}
	b.say("starting servers in %s", b.options.Stack)
	settings := b.options.Postgres
	if b.options.Profile {
		settings = append(slices.Clone(settings), profileSettings...)
	}
	err := b.stack.start(ctx, settings)
	if err == nil {
		b.ground, err = b.newGround(ctx, "bench")
	}
	if err == nil {
		err = b.declareTopology(ctx)
	}
	if err == nil {
		b.run.Facts, err = b.facts(ctx)
	}
	if err != nil && !b.options.Keep {
		return errors.Join(err, b.stack.stop())
	}
	return err
}

func (b *bench) newGround(ctx context.Context, name string) (*ground, error) {
	keys, err := hit.ParseKeys(b.secret)
	if err != nil {
		return nil, err
	}
	return newGround(ctx, b.stack, name, keys)
}

func (b *bench) declareTopology(ctx context.Context) error {
	s, err := startService(ctx, b.work, "integr8 topology", b.environment(b.ground), ended, b.program("integr8"), "topology")
	if err != nil {
		return err
	}
	return s.stop()
}

// ended is what a program is ready with that only does one thing.
func ended(s *service) bool {
	<-s.ended
	return true
}

// keep records a measurement and tells of it.
func (b *bench) keep(m report.Measurement) {
	b.run.Measurements = append(b.run.Measurements, m)
	name := m.Contender
	if m.Setting != "" {
		name += ", " + m.Setting
	}
	b.say("%s %d: %-40s %7.0f/s  answer p99 %6.1f ms  committed p99 %7.1f ms  CPU %5.1f µs  others %2.0f %%",
		m.Part, m.Round, name, m.Rate(), m.Answer.P99, m.Through.P99, m.TotalCPU(), 100*m.Foreign)
	if m.Note != "" {
		b.say("    %s", m.Note)
	}
}

// write writes the page, its plots and the raw figures.
func (b *bench) write() error {
	plots, err := b.run.Measurements.Plots(partCompare, partLatency)
	if err != nil {
		return err
	}
	for _, plot := range plots {
		if err := os.WriteFile(filepath.Join(b.options.Out, plot.File), plot.SVG, 0o644); err != nil {
			return fmt.Errorf("write a plot: %w", err)
		}
	}
	var page strings.Builder
	if err := b.run.Write(&page, b.parts(), targets(), plots); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(b.run, "", "  ")
	if err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	for name, data := range map[string][]byte{"bench.md": []byte(page.String()), "bench.json": append(raw, '\n')} {
		if err := os.WriteFile(filepath.Join(b.options.Out, name), data, 0o644); err != nil {
			return fmt.Errorf("write the page: %w", err)
		}
	}
	_, err = io.WriteString(b.stdout, page.String())
	return err
}
