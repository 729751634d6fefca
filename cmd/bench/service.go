package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"integr8/cmd/internal/process"
)

// service is a process that is measured.
type service struct {
	*process.Process
	addr  string // where it accepts hits; empty when it accepts none
	admin string // its admin address; empty when it has none
}

const (
	// startLimit is how long a service may take to become ready.
	startLimit = time.Minute
	// stopLimit is how long it may take to stop in good order.
	stopLimit = 40 * time.Second
)

// startService starts a command of a program on a ground, and waits until its
// probe returns nil. Its log goes to the directory of the run.
func (b *bench) startService(ctx context.Context, g *ground, program string, args, settings []string, probe func(context.Context) error) (*service, error) {
	name := args[0]
	b.services++
	p, err := process.Program{Name: name, Path: program, Args: args, Env: b.environment(g, settings...),
		Log: filepath.Join(b.work, fmt.Sprintf("%s-%d.log", name, b.services))}.Start()
	if err != nil {
		return nil, err
	}
	s := &service{Process: p}
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, fmt.Errorf("not within %s", startLimit))
	defer cancel()
	if err := p.Ready(ctx, probe); err != nil {
		if p.Running() {
			err = errors.Join(err, s.stop())
		}
		return nil, err
	}
	return s, nil
}

// stop stops the service in good order, whether or not the run was interrupted.
func (s *service) stop() error { return s.Stop(context.Background(), stopLimit) }
