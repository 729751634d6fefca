package cli

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/cmd/internal/build"
	"integr8/handlers/operate/queues"
)

// queue returns a queue as the command shows it.
func (s *system) queue(topic string) queues.Queue {
	s.t.Helper()
	var shown []queues.Queue
	s.answers(&shown, "queues")
	for _, queue := range shown {
		if queue.Queue == s.topology.Prefix+topic {
			return queue
		}
	}
	require.FailNow(s.t, "there is no queue "+topic)
	return queues.Queue{}
}

// queueBecomes waits until a queue is as it should be.
func (s *system) queueBecomes(topic, what string, is func(queues.Queue) bool) {
	s.t.Helper()
	var last queues.Queue
	require.Eventually(s.t, func() bool {
		last = s.queue(topic)
		return is(last)
	}, patience, 10*time.Millisecond, "%s: %+v", what, &last)
}

func TestTheAdviceOfQueuesFollowsTheCause(t *testing.T) {
	t.Parallel()
	const clicks = 5
	s := prepareSystem(t)
	s.startReceiver()
	for range clicks {
		s.click()
	}
	s.queueBecomes("clicks", "hits wait and no worker runs", func(q queues.Queue) bool {
		return q.Hits != nil && *q.Hits >= clicks && q.InFlight == 0 && q.OldestSeconds == nil && strings.Contains(q.Hint, "no worker is connected")
	})

	// Postgres hangs for a worker that has come so far.
	database := s.behindProxy("DATABASE_URL")
	database.Pass()
	own, stop := s.launch("work")
	admin := own.listening(t, "admin")
	s.queueBecomes("clicks", "all is handled", func(q queues.Queue) bool {
		return *q.Hits == 0 && q.InFlight == 0 && q.Consumers == 1 && q.Hint == ""
	})
	database.Hang()
	for range clicks {
		s.click()
	}
	s.queueBecomes("clicks", "the worker holds them", func(q queues.Queue) bool {
		return q.InFlight == clicks && q.OldestSeconds != nil && strings.Contains(q.Hint, "held") &&
			strings.Contains(q.Hint, "the database cannot be used")
	})
	database.Refuse()
	require.Eventually(t, func() bool {
		ready := s.ask(admin, "/readyz")
		return ready.status == http.StatusServiceUnavailable && strings.Contains(ready.body, "handling: held since ") &&
			strings.Contains(ready.body, "the database cannot be used")
	}, patience, 10*time.Millisecond)
	s.queueBecomes("clicks", "it says since when", func(q queues.Queue) bool { return strings.Contains(q.Hint, "held for ") })
	database.Pass()
	s.queueBecomes("clicks", "it goes on", func(q queues.Queue) bool { return q.InFlight == 0 && q.Hint == "" })
	require.Eventually(t, func() bool { return s.ask(admin, "/readyz").body == "ready\n" }, patience, 10*time.Millisecond)

	// One of two workers is frozen, and then killed.
	frozen := s.startWorkerProcess()
	s.queueBecomes("clicks", "two workers", func(q queues.Queue) bool { return q.Consumers == 2 && q.Silent == 0 && q.Hint == "" })
	require.NoError(t, frozen.Process.Signal(syscall.SIGSTOP))
	q := s.queue("clicks")
	require.Equal(t, 1, q.Silent, q)
	require.Contains(t, q.Hint, "1 of 2 workers does not respond: frozen")
	require.NoError(t, frozen.Process.Kill())
	s.queueBecomes("clicks", "the other one goes on", func(q queues.Queue) bool { return q.Consumers == 1 && q.Hint == "" })

	stop()
	s.queueBecomes("clicks", "no worker is left", func(q queues.Queue) bool { return strings.Contains(q.Hint, "no worker is connected") })
}

// startWorkerProcess starts a worker that can be frozen.
func (s *system) startWorkerProcess() *exec.Cmd {
	s.t.Helper()
	binary := filepath.Join(s.t.TempDir(), "integr8")
	require.NoError(s.t, build.Program(s.t.Context(), binary, "cmd/integr8"))
	worker := exec.Command(binary, "work")
	worker.Env = os.Environ()
	for name, value := range s.variables {
		worker.Env = append(worker.Env, name+"="+value)
	}
	worker.Stderr = io.Discard
	require.NoError(s.t, worker.Start())
	s.t.Cleanup(func() {
		_ = worker.Process.Kill() // it may be gone
		_ = worker.Wait()         // it was killed
	})
	return worker
}
