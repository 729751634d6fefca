package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"integr8/cmd/internal/process"
	"integr8/cmd/internal/stack"
	"integr8/cmd/internal/tool"
)

// codeCommand runs the Go benchmarks of this checkout and of another commit
// alternately, on the same servers, and compares them with benchstat.
type codeCommand struct {
	Base  string `arg:"" help:"The commit to compare with."`
	Bench string `help:"Which benchmarks, as go test takes it." default:"."`
	Count int    `help:"How often each runs; benchstat wants at least 6." default:"6"`
	Stack string `help:"Directory for the servers, unless DATABASE_URL and AMQP_URL name some." type:"path" default:".stack-bench"`
}

// tree is a checkout whose benchmarks run.
type tree struct {
	name, dir string
	packages  []string
	results   string
}

// Run prints benchstat's comparison.
func (c *codeCommand) Run(ctx context.Context, out *tool.Output) (err error) {
	work, err := os.MkdirTemp("", "integr8-bench-")
	if err != nil {
		return fmt.Errorf("make a directory for the results: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	base := filepath.Join(work, "base")
	if _, err := command(ctx, ".", nil, "git", "worktree", "add", "--detach", base, c.Base); err != nil {
		return err
	}
	defer func() {
		_, removed := command(context.WithoutCancel(ctx), ".", nil, "git", "worktree", "remove", "--force", base)
		err = errors.Join(err, removed)
	}()
	servers, stop, err := c.servers(ctx, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()

	trees := []*tree{{name: "base", dir: base}, {name: "head", dir: "."}}
	for _, t := range trees {
		t.results = filepath.Join(work, t.name+".txt")
		if t.packages, err = benchmarked(ctx, t.dir); err != nil {
			return err
		}
	}
	for round := 1; round <= c.Count; round++ {
		for _, t := range trees {
			fmt.Fprintf(out.Stderr, "round %d of %d: %s\n", round, c.Count, t.name)
			if err := c.benchmark(ctx, t, servers); err != nil {
				return err
			}
		}
	}
	compared, err := command(ctx, ".", nil, "go", "tool", "benchstat", "base="+trees[0].results, "head="+trees[1].results)
	if err != nil {
		return err
	}
	_, err = out.Stdout.Write(compared)
	return err
}

// servers returns the addresses for the benchmarks: of given servers or of a private
// stack.
func (c *codeCommand) servers(ctx context.Context, out *tool.Output) (environment []string, stop func() error, err error) {
	if _, given := stack.Given(); given {
		return nil, func() error { return nil }, nil
	}
	fmt.Fprintf(out.Stderr, "starting servers in %s\n", c.Stack)
	s, err := stack.New(c.Stack, stack.Options{}).StartFresh(ctx)
	if err != nil {
		return nil, nil, err
	}
	return s.Environment(), func() error { return s.Remove(ctx) }, nil
}

// benchmarked lists the packages of a checkout that have benchmarks.
func benchmarked(ctx context.Context, dir string) ([]string, error) {
	files, err := command(ctx, dir, nil, "git", "grep", "--untracked", "-lE", "^func Benchmark", "--", "*_test.go")
	if err != nil {
		return nil, err
	}
	var packages []string
	for file := range strings.Lines(string(files)) {
		packages = append(packages, "./"+path.Dir(strings.TrimSpace(file)))
	}
	slices.Sort(packages)
	return slices.Compact(packages), nil
}

func (c *codeCommand) benchmark(ctx context.Context, t *tree, servers []string) error {
	// One package runs after the other: in parallel they would measure each other.
	args := append([]string{"test", "-p", "1", "-run", "^$", "-bench", c.Bench, "-benchmem", "-benchtime", "500ms"}, t.packages...)
	printed, err := command(ctx, t.dir, servers, "go", args...)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(t.results, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("keep the results: %w", err)
	}
	_, err = file.Write(printed)
	return errors.Join(err, file.Close())
}

// command runs a program to its end and returns its standard output.
func command(ctx context.Context, dir string, environment []string, program string, args ...string) ([]byte, error) {
	return process.Program{Name: program + " " + strings.Join(args, " "), Path: program, Args: args, Dir: dir,
		Env: append(os.Environ(), environment...)}.Output(ctx)
}
