package system

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"integr8/cmd/internal/process"
)

// spoolVariable names the setting with the directory in which a receiver keeps hits
// that the broker does not accept.
const spoolVariable = "INTEGR8_SPOOL_DIR"

// metrics passes each line of the metrics of a process to a function.
func (p *Process) metrics(ctx context.Context, each func(line string)) error {
	_, body, err := process.Get(ctx, "http://"+p.AdminAddr+"/metrics")
	if err != nil {
		return fmt.Errorf("read the metrics of %s: %w", p.Name, err)
	}
	for line := range strings.Lines(string(body)) {
		each(strings.TrimSpace(line))
	}
	return nil
}

// metric reads one number of the metrics of a process.
func (p *Process) metric(ctx context.Context, name string) (value float64, err error) {
	found := false
	err = p.metrics(ctx, func(line string) {
		if text, named := strings.CutPrefix(line, name+" "); named {
			number, parseErr := strconv.ParseFloat(text, 64)
			value, found = number, parseErr == nil
		}
	})
	if err == nil && !found {
		err = fmt.Errorf("%s has no metric %s", p.Name, name)
	}
	return value, err
}

// Evicted returns how many connections a receiver has closed to make room.
func (p *Process) Evicted(ctx context.Context) (int, error) {
	value, err := p.metric(ctx, "integr8_connections_evicted_total")
	return int(value), err
}

// Attempts counts the attempts of the running workers by the class of their result.
func (s *System) Attempts(ctx context.Context) (map[string]int, error) {
	sum := map[string]int{}
	for _, p := range s.Workers {
		err := p.metrics(ctx, func(line string) {
			labels, found := strings.CutPrefix(line, "integr8_attempts_total{")
			if !found {
				return
			}
			_, after, _ := strings.Cut(labels, `class="`)
			class, _, _ := strings.Cut(after, `"`)
			value, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
			if err == nil && value > 0 {
				sum[class] += int(value)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return sum, nil
}

// Spooled returns how many hits wait on the disks of the receivers.
func (s *System) Spooled(ctx context.Context) (int, error) {
	sum := 0
	for _, p := range s.Receivers {
		hits, err := p.metric(ctx, "integr8_spool_hits")
		if err != nil {
			return 0, err
		}
		sum += int(hits)
	}
	return sum, nil
}

// spoolFiles returns the files that are left in the spools of stopped receivers,
// without their locks. A spool that was drained leaves no file.
func (s *System) spoolFiles() ([]string, error) {
	var left []string
	for _, p := range s.Receivers {
		dir := filepath.Join(p.spool, "hits")
		entries, err := os.ReadDir(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look into the spool of %s: %w", p.Name, err)
		}
		for _, entry := range entries {
			if entry.Name() != "lock" {
				left = append(left, fmt.Sprintf("spool of %s: %s", p.Name, entry.Name()))
			}
		}
	}
	return left, nil
}

// SpoolsHold returns how often a text occurs in the files of the spools.
func (s *System) SpoolsHold(text string) (int, error) {
	found := 0
	for _, p := range s.Receivers {
		dir := filepath.Join(p.spool, "hits")
		entries, err := os.ReadDir(dir)
		if err != nil {
			return 0, fmt.Errorf("look into the spool of %s: %w", p.Name, err)
		}
		for _, entry := range entries {
			data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
			if errors.Is(err, fs.ErrNotExist) {
				continue // drained meanwhile
			}
			if err != nil {
				return 0, fmt.Errorf("look into the spool of %s: %w", p.Name, err)
			}
			found += bytes.Count(data, []byte(text))
		}
	}
	return found, nil
}
