package system

import (
	"bufio"
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

// metric reads one number that a process tells of itself.
func (p *Process) metric(ctx context.Context, name string) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.AdminAddr+"/metrics", nil)
	if err != nil {
		return 0, fmt.Errorf("ask %s: %w", p.Name, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, fmt.Errorf("ask %s: %w", p.Name, err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if value, found := strings.CutPrefix(lines.Text(), name+" "); found {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, errors.Join(fmt.Errorf("%s tells no %s", p.Name, name), lines.Err())
}

// Spooled tells how many hits wait on the disks of the receivers.
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
