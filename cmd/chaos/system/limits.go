package system

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// LimitFiles lets the process have no more than n files and sockets open from
// its next start on.
func (p *Process) LimitFiles(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files = n
}

// PeakMemory is the most memory that the process has had resident, in bytes.
func (p *Process) PeakMemory() (int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.running() {
		return 0, fmt.Errorf("read the memory of %s: %w", p.Name, ErrEnded)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the memory of %s: %w", p.Name, err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(line), " kB"), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read the memory of %s: %w", p.Name, err)
	}
	return kilobytes << 10, nil
}

// probeTimeout is what an orchestrator gives a probe before it restarts the
// process.
const probeTimeout = 5 * time.Second

// Probe asks the admin address for a path over a new connection, as an
// orchestrator does, and returns the status.
func (p *Process) Probe(ctx context.Context, path string) (int, error) {
	client := http.Client{Timeout: probeTimeout, Transport: &http.Transport{DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.AdminAddr+path, nil)
	if err != nil {
		return 0, fmt.Errorf("probe %s: %w", p.Name, err)
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, fmt.Errorf("probe %s: %w", p.Name, err)
	}
	return response.StatusCode, response.Body.Close()
}

// Evicted is how many connections a receiver has closed to make room.
func (p *Process) Evicted(ctx context.Context) (int, error) {
	value, err := p.metric(ctx, "integr8_connections_evicted_total")
	return int(value), err
}
