package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"integr8/cmd/bench/report"
	"integr8/cmd/internal/build"
	"integr8/cmd/internal/process"
	"integr8/cmd/internal/stack"
	"integr8/cmd/internal/tool"
	"integr8/pipeline/token"
)

// bench is one run.
type bench struct {
	options options
	// stderr gets the progress, stdout the page.
	stdout, stderr io.Writer
	// work holds programs, logs and spools of the run.
	work string
	// executable is this program, which also contains the baseline.
	executable string
	secret     string
	servers    *stack.Servers
	// postgres and broker are the ids of their first processes.
	postgres, broker int
	// ground is the one of most parts, grown holds those of the part growth.
	ground *ground
	grown  [2]*ground
	// crowds are those of the part tenants.
	crowds [2]*crowd
	// launched is that of the part launch, and edited that of the part edits.
	launched, edited *crowd

	known        [][2]string // facts for the page
	measurements report.Measurements
	began        time.Time
	services     int // that were started
}

// Run measures the chosen parts and writes the page, also with the measurements before
// an error or an interrupt.
func (o *options) Run(ctx context.Context, out *tool.Output) (err error) {
	if err := o.settle(); err != nil {
		return err
	}
	b := &bench{options: *o, stdout: out.Stdout, stderr: out.Stderr, secret: rand.Text(), began: time.Now()}
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
	for _, c := range b.crowds {
		if c != nil {
			err = errors.Join(err, c.close())
		}
	}
	for _, g := range append(b.grown[:], b.ground) {
		if g != nil {
			err = errors.Join(err, g.close())
		}
	}
	return errors.Join(err, b.servers.Remove(ctx))
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.stderr, "%6s  "+format+"\n", append([]any{time.Since(b.began).Round(time.Second)}, args...)...)
}

func (b *bench) program(name string) string { return filepath.Join(b.work, name) }

// begin builds the programs, starts the servers and makes the ground of most parts.
func (b *bench) begin(ctx context.Context) error {
	b.say("building integr8, as it is shipped")
	err := build.Program(ctx, b.program("integr8"), "cmd/integr8", "-trimpath")
	if err != nil {
		return err
	}
	b.say("starting servers in %s", b.options.Stack)
	// With this setting each row has the time at which its transaction was committed.
	settings := []string{"track_commit_timestamp=on"}
	if b.options.Profile {
		settings = append(settings, profileSettings...)
	}
	if b.servers, err = stack.New(b.options.Stack, stack.Options{Say: b.say, Settings: settings}).StartFresh(ctx); err != nil {
		return err
	}
	roots, err := b.servers.Stack.Processes(stack.All)
	if err == nil {
		b.postgres, b.broker = roots[0].PID, roots[1].PID
		b.ground, err = b.newGround(ctx, "bench")
	}
	if err == nil {
		err = b.declareTopology(ctx)
	}
	if err == nil {
		b.known, err = b.facts(ctx)
	}
	if err != nil {
		err = errors.Join(err, b.servers.Remove(ctx))
	}
	return err
}

func (b *bench) newGround(ctx context.Context, name string) (*ground, error) {
	keys, err := token.ParseKeys(b.secret)
	if err != nil {
		return nil, err
	}
	return newGround(ctx, b.servers.DatabaseURL, name, keys)
}

func (b *bench) declareTopology(ctx context.Context) error {
	_, err := process.Program{Name: "integr8 topology", Path: b.program("integr8"), Args: []string{"topology"}, Env: b.environment(b.ground)}.Output(ctx)
	return err
}

// keep records a measurement and prints it.
func (b *bench) keep(m report.Measurement) {
	b.measurements = append(b.measurements, m)
	b.say("%s %d: %-40s %7.0f/s  answer p99 %6.1f ms  committed p99 %7.1f ms  CPU %5.1f µs  others %2.0f %%",
		m.Part, m.Round, m.Name(), m.Rate(), m.Answer.P99, m.Through.P99, m.TotalCPU(), 100*m.Foreign)
	if m.Note != "" {
		b.say("    %s", m.Note)
	}
}

// write writes the page and its plots, and prints the page.
func (b *bench) write() error {
	page := b.page()
	page.Plots = b.measurements.Plots(partCompare, partLatency)
	text := page.Markdown()
	files := map[string][]byte{"bench.md": []byte(text)}
	for _, plot := range page.Plots {
		files[plot.File] = plot.SVG
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(b.options.Out, name), data, 0o644); err != nil {
			return fmt.Errorf("write the page: %w", err)
		}
	}
	_, err := io.WriteString(b.stdout, text)
	return err
}
