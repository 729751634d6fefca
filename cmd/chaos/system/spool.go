package system

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// spoolVariable names the directory in which a receiver keeps hits that the
// broker does not take.
const spoolVariable = "INTEGR8_SPOOL_DIR"

// metrics reads, line by line, what a process tells of itself.
func (p *Process) metrics(ctx context.Context, each func(line string)) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.AdminAddr+"/metrics", nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", p.Name, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask %s: %w", p.Name, err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		each(lines.Text())
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("ask %s: %w", p.Name, err)
	}
	return nil
}

// metric reads one number that a process tells of itself.
func (p *Process) metric(ctx context.Context, name string) (value float64, err error) {
	told := false
	err = p.metrics(ctx, func(line string) {
		if text, found := strings.CutPrefix(line, name+" "); found {
			number, parseErr := strconv.ParseFloat(text, 64)
			value, told = number, parseErr == nil
		}
	})
	if err == nil && !told {
		err = fmt.Errorf("%s tells no %s", p.Name, name)
	}
	return value, err
}

// Attempts returns what came of the attempts of the workers that run, by class.
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

// spoolFiles names what is left in the spools of receivers that have stopped,
// besides their locks. A spool that was drained leaves no file.
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

// SpoolsHold returns how often a text stands in the files of the spools.
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
