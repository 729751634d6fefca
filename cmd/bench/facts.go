package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/procfs"
	amqp "github.com/rabbitmq/amqp091-go"
)

// facts are the circumstances of the run.
func (b *bench) facts(ctx context.Context) ([][2]string, error) {
	system, err := procfs.NewDefaultFS()
	if err != nil {
		return nil, fmt.Errorf("read about the machine: %w", err)
	}
	cores, err := system.CPUInfo()
	if err != nil || len(cores) == 0 {
		return nil, fmt.Errorf("read about the processors: %w", err)
	}
	var postgres, settings string
	err = b.ground.db.QueryRowContext(ctx, `
		SELECT current_setting('server_version'), string_agg(name || ' ' || current_setting(name), ', ' ORDER BY name) FROM pg_settings
		WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size')`).Scan(&postgres, &settings)
	if err != nil {
		return nil, fmt.Errorf("read the settings of Postgres: %w", err)
	}
	broker, err := amqp.Dial(b.servers.AMQPURL)
	if err != nil {
		return nil, fmt.Errorf("ask RabbitMQ for its version: %w", err)
	}
	commit, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output()
	if err != nil {
		commit = []byte("unknown")
	}
	return [][2]string{
		{"machine", fmt.Sprintf("%d cores (%s), with everything on it: servers, processes and load generator", len(cores), cores[0].ModelName)},
		{"versions", fmt.Sprintf("Postgres %s, RabbitMQ %v, %s, commit %s", postgres, broker.Properties["version"], runtime.Version(),
			strings.TrimSpace(string(commit)))},
		{"Postgres", settings},
		{"RabbitMQ", "quorum queues on one node, every publish confirmed"},
		{"command", "`bench " + strings.Join(os.Args[1:], " ") + "`"},
		{"time", time.Now().UTC().Format(time.DateTime) + " UTC"},
		{"method", fmt.Sprintf("%d rounds (the costly parts fewer), contenders in turn; each measurement on emptied tables and in fresh processes, "+
			"%s of warm-up, %s that count; after it every accepted hit must have its outcome. Committed rates are by Postgres' own record of "+
			"commits; times to the commit are of a hit every %s, seen from another connection that looks every %s",
			b.options.Rounds, b.options.warmup, b.options.Duration, sampleEvery, lookEvery)},
	}, broker.Close()
}
