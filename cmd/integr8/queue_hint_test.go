package main

import (
	"errors"
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

	"integr8/pipeline/monitor"
	"integr8/pipeline/rabbit"
)

// queue returns a queue as the command shows it.
func (s *system) queue(topic string) queueView {
	s.t.Helper()
	var queues []queueView
	s.answers(&queues, "queues")
	for _, queue := range queues {
		if queue.Queue == s.topology.Prefix+topic {
			return queue
		}
	}
	require.FailNow(s.t, "there is no queue "+topic)
	return queueView{}
}

// queueBecomes waits until a queue is as it should be.
func (s *system) queueBecomes(topic, what string, is func(queueView) bool) {
	s.t.Helper()
	var last queueView
	require.Eventually(s.t, func() bool {
		last = s.queue(topic)
		return is(last)
	}, patience, 10*time.Millisecond, "%s: %+v", what, &last)
}

func TestTheAdviceOfQueuesFollowsTheCause(t *testing.T) {
	const clicks = 5
	s := prepareSystem(t)
	s.startReceiver()
	for range clicks {
		s.click()
	}
	s.queueBecomes("clicks", "hits wait and no worker runs", func(q queueView) bool {
		return q.Hits != nil && *q.Hits == clicks && q.InFlight == 0 && q.OldestSeconds == nil && strings.Contains(q.Hint, "no worker is connected")
	})

	// Postgres hangs for a worker that has come so far.
	database := s.behindProxy("DATABASE_URL")
	database.become(passing)
	own, stop := s.launch("work")
	admin := own.listening(t, "admin")
	s.queueBecomes("clicks", "all is handled", func(q queueView) bool {
		return *q.Hits == 0 && q.InFlight == 0 && q.Consumers == 1 && q.Hint == ""
	})
	database.become(hanging)
	for range clicks {
		s.click()
	}
	s.queueBecomes("clicks", "the worker holds them", func(q queueView) bool {
		return q.InFlight == clicks && q.OldestSeconds != nil && strings.Contains(q.Hint, "held") &&
			strings.Contains(q.Hint, "the database cannot be used")
	})
	database.become(refusing)
	require.Eventually(t, func() bool {
		ready := s.ask(admin, "/readyz")
		return ready.status == http.StatusServiceUnavailable && strings.Contains(ready.body, "handling: held since ") &&
			strings.Contains(ready.body, "the database cannot be used")
	}, patience, 10*time.Millisecond)
	s.queueBecomes("clicks", "it says since when", func(q queueView) bool { return strings.Contains(q.Hint, "held for ") })
	database.become(passing)
	s.queueBecomes("clicks", "it goes on", func(q queueView) bool { return q.InFlight == 0 && q.Hint == "" })
	require.Eventually(t, func() bool { return s.ask(admin, "/readyz").body == "ready\n" }, patience, 10*time.Millisecond)

	// One of two workers is frozen, and then killed.
	frozen := s.startWorkerProcess()
	s.queueBecomes("clicks", "two workers", func(q queueView) bool { return q.Consumers == 2 && q.Silent == 0 && q.Hint == "" })
	require.NoError(t, frozen.Process.Signal(syscall.SIGSTOP))
	q := s.queue("clicks")
	require.Equal(t, 1, q.Silent, q)
	require.Contains(t, q.Hint, "1 of 2 workers do not answer: frozen")
	require.NoError(t, frozen.Process.Kill())
	s.queueBecomes("clicks", "the other one goes on", func(q queueView) bool { return q.Consumers == 1 && q.Hint == "" })

	stop()
	s.queueBecomes("clicks", "no worker is left", func(q queueView) bool { return strings.Contains(q.Hint, "no worker is connected") })
}

// startWorkerProcess starts a worker that can be frozen.
func (s *system) startWorkerProcess() *exec.Cmd {
	s.t.Helper()
	binary := filepath.Join(s.t.TempDir(), "integr8")
	build(s.t, binary, ".")
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

func TestQueueHintsNameWhatToDoByTheCause(t *testing.T) {
	held := &monitor.Held{Server: "the database", For: 90 * time.Second}
	depth := func(messages, consumers int) rabbit.Depth {
		return rabbit.Depth{Messages: messages, Consumers: consumers}
	}
	for name, test := range map[string]struct {
		state   queueState
		growing bool
		want    string
	}{
		"idle":                    {queueState{Depth: depth(0, 1), topic: "clicks", asked: true, takers: 1}, false, ""},
		"busy":                    {queueState{Depth: depth(9, 1), topic: "clicks", asked: true, takers: 1, hits: 9, oldest: time.Second}, false, ""},
		"no worker":               {queueState{Depth: depth(0, 0), topic: "postbacks", asked: true}, false, "start integr8 work"},
		"no worker for deaths":    {queueState{Depth: depth(1, 0), topic: "dead", asked: true}, false, "start integr8 work"},
		"nothing to send":         {queueState{Depth: depth(0, 0), topic: "deliveries", asked: true}, false, ""},
		"held":                    {queueState{Depth: depth(9, 1), topic: "clicks", asked: true, takers: 1, held: held}, true, "held for 1m30s by an outage: the database"},
		"held, other frozen":      {queueState{Depth: depth(9, 2), topic: "clicks", asked: true, takers: 1, held: held}, true, "held for 1m30s"},
		"held, deaths":            {queueState{Depth: depth(9, 1), topic: "dead", asked: true, takers: 1, held: held}, true, "held for 1m30s"},
		"frozen":                  {queueState{Depth: depth(0, 3), topic: "clicks", asked: true, takers: 1}, true, "2 of 3 workers do not answer"},
		"not asked":               {queueState{Depth: depth(0, 3), topic: "clicks"}, false, ""},
		"stands still":            {queueState{Depth: depth(0, 1), topic: "clicks", asked: true, takers: 1, hits: 7, still: time.Minute}, true, "have 7 hits and have finished none for 1m0s"},
		"growing":                 {queueState{Depth: depth(9, 1), topic: "clicks", asked: true, takers: 1}, true, "start more workers"},
		"behind":                  {queueState{Depth: depth(9, 1), topic: "clicks", asked: true, takers: 1, oldest: 2 * time.Minute}, false, "behind, by 2m0s"},
		"one old hit":             {queueState{Depth: depth(0, 1), topic: "clicks", asked: true, takers: 1, hits: 1, oldest: time.Hour}, false, ""},
		"suspects":                {queueState{Depth: depth(1, 0), topic: "clicks.suspects", asked: true, takers: 1}, false, "workers end while they handle hits"},
		"suspects without worker": {queueState{Depth: depth(1, 0), topic: "clicks.suspects", asked: true}, false, "start integr8 work"},
		"retry":                   {queueState{Depth: depth(1, 0), topic: "retry.5s", asked: true}, false, "log"},
		"empty retry":             {queueState{Depth: depth(0, 0), topic: "retry.5s", asked: true}, false, ""},
		"deaths":                  {queueState{Depth: depth(1, 1), topic: "dead", asked: true, takers: 1}, false, "dead list"},
		"blocked":                 {queueState{Depth: depth(9, 1), topic: "clicks", blocked: true}, true, "short of memory or disk"},
	} {
		hint := queueHint(test.state, test.growing)
		if test.want == "" {
			require.Empty(t, hint, name)
			continue
		}
		require.Contains(t, hint, test.want, name)
	}
}

func TestHitsThatWaitAreCountedByWhatAMessageHolds(t *testing.T) {
	survey := func(statuses ...monitor.Status) rabbit.Survey {
		found := rabbit.Survey{Depths: []rabbit.Depth{{Queue: "p.clicks", Messages: 10}, {Queue: "p.retry.5s", Messages: 3}, {Queue: "p.dead"}}}
		for _, status := range statuses {
			text, err := status.Encode()
			require.NoError(t, err)
			found.Statuses = append(found.Statuses, text)
		}
		return found
	}
	hits := func(survey rabbit.Survey) (figures []any) {
		for _, view := range viewQueues(readSurvey("p.", survey), map[string]int{}) {
			if view.Hits == nil {
				figures = append(figures, nil)
			} else {
				figures = append(figures, int(*view.Hits))
			}
		}
		return figures
	}
	receiver := monitor.Status{HitsPerMessage: map[string]float64{"clicks": 4, "retry.5s/clicks": 2}}
	worker := monitor.Status{Topics: map[string]monitor.Work{"clicks": {HitsPerMessage: 6}}}
	require.Equal(t, []any{nil, nil, 0}, hits(survey()))
	require.Equal(t, []any{40, 6, 0}, hits(survey(receiver)), "what was published")
	require.Equal(t, []any{60, 6, 0}, hits(survey(receiver, worker)), "what arrives counts before what was published")
	broken := survey(receiver)
	broken.Statuses = append(broken.Statuses, []byte("{"), nil)
	require.Equal(t, []any{40, 6, 0}, hits(broken), "what cannot be read is left out")
	broken.Unasked = errors.New("no permission")
	require.Equal(t, []any{40, 6, 0}, hits(broken))
}
