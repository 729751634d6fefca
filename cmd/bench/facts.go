package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/prometheus/procfs"
)

// facts are the circumstances of the run.
func (b *bench) facts(ctx context.Context) ([][2]string, error) {
	machine, err := machine()
	if err != nil {
		return nil, err
	}
	postgres, settings, err := b.postgresFacts(ctx)
	if err != nil {
		return nil, err
	}
	broker, err := brokerVersion(b.stack.amqpURL)
	if err != nil {
		return nil, err
	}
	commit := "unknown"
	if output, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output(); err == nil {
		commit = strings.TrimSpace(string(output))
	}
	return [][2]string{
		{"machine", machine + ", with everything on it: servers, processes and load generator"},
		{"versions", fmt.Sprintf("%s, RabbitMQ %s, %s, commit %s", postgres, broker, runtime.Version(), commit)},
		{"Postgres", settings},
		{"RabbitMQ", "quorum queues on one node, every publish confirmed"},
		{"command", "`bench " + strings.Join(os.Args[1:], " ") + "`"},
		{"time", time.Now().UTC().Format(time.DateTime) + " UTC"},
		{"method", fmt.Sprintf("%d rounds (the costly parts fewer), contenders in turn; each measurement on emptied tables and in fresh processes, "+
			"%s of warm-up, %s that count; after it every accepted hit must have its outcome. Committed rates are by Postgres' own record of "+
			"commits; times to the commit are of a hit every %s, seen from another connection that looks every %s",
			b.options.Rounds, b.options.Warmup, b.options.Duration, sampleEvery, lookEvery)},
	}, nil
}

func machine() (string, error) {
	system, err := procfs.NewDefaultFS()
	if err != nil {
		return "", fmt.Errorf("read about the machine: %w", err)
	}
	cores, err := system.CPUInfo()
	if err != nil {
		return "", fmt.Errorf("read about the machine: %w", err)
	}
	memory, err := system.Meminfo()
	if err != nil || memory.MemTotal == nil {
		return "", fmt.Errorf("read about the machine: %w", err)
	}
	model := "unknown processor"
	if len(cores) > 0 && cores[0].ModelName != "" {
		model = cores[0].ModelName
	}
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "", fmt.Errorf("read about the machine: %w", err)
	}
	return fmt.Sprintf("%d cores (%s), %.0f GB, Linux %s", runtime.NumCPU(), model, float64(*memory.MemTotal)/1e6,
		strings.TrimSpace(string(kernel))), nil
}

// postgresFacts returns its version and the settings that matter here.
func (b *bench) postgresFacts(ctx context.Context) (version, settings string, err error) {
	rows, err := b.ground.db.QueryContext(ctx, `
		SELECT name, current_setting(name) FROM pg_settings
		WHERE name IN ('server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size', 'wal_compression')
		   OR name <> 'track_commit_timestamp' AND sourcefile LIKE '%postgresql.auto.conf'
		ORDER BY name`)
	if err != nil {
		return "", "", fmt.Errorf("read the settings of Postgres: %w", err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return "", "", fmt.Errorf("read the settings of Postgres: %w", err)
		}
		if name == "server_version" {
			version = "Postgres " + value
			continue
		}
		list = append(list, name+" "+value)
	}
	return version, strings.Join(list, ", "), rows.Err()
}

func brokerVersion(url string) (string, error) {
	conn, err := amqp.Dial(url)
	if err != nil {
		return "", fmt.Errorf("ask RabbitMQ for its version: %w", err)
	}
	version, _ := conn.Properties["version"].(string)
	return version, conn.Close()
}
