package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"integr8/pipeline/rabbit"
	"integr8/sql/store/storetest"
)

// built is the real integr8, made once for all tests.
var built string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "demo")
	if err != nil {
		panic(err)
	}
	built = filepath.Join(dir, "integr8")
	if output, err := exec.Command("go", "build", "-o", built, "integr8/cmd/integr8").CombinedOutput(); err != nil {
		panic(string(output))
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// patience is far more than anything here takes.
const patience = 60 * time.Second

// stage is what a demo needs: the real integr8, a database, queues, a
// directory.
type stage struct {
	t           *testing.T
	program     string
	dir         string
	environment []string
}

func prepareStage(t *testing.T) *stage {
	t.Helper()
	amqpURL := os.Getenv("AMQP_URL")
	require.NotEmpty(t, amqpURL, "these tests need a real RabbitMQ: run `make test`, or set AMQP_URL")
	s := &stage{t: t, program: filepath.Join(t.TempDir(), "integr8"), dir: filepath.Join(t.TempDir(), "stack")}
	require.NoError(t, os.Symlink(built, s.program)) // a path of its own, by which its process is found
	topology := rabbit.Topology{Prefix: "demo-" + strings.ToLower(rand.Text()[:10]) + "."}
	t.Cleanup(func() { require.NoError(t, topology.Delete(context.Background(), amqpURL)) })
	s.environment = append(os.Environ(), "DATABASE_URL="+storetest.URL(t), "AMQP_URL="+amqpURL,
		"INTEGR8_QUEUE_PREFIX="+topology.Prefix, "INTEGR8_SECRET=")
	return s
}

// show is a demo that runs.
type show struct {
	t    *testing.T
	out  *screen
	errs *screen
	stop context.CancelFunc
	// ended is closed when the demo has ended with code.
	ended chan struct{}
	code  int
}

// raise starts a demo and waits until it has proved itself.
func (s *stage) raise() *show {
	s.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	running := &show{t: s.t, out: newScreen(), errs: newScreen(), stop: stop, ended: make(chan struct{})}
	go func() {
		defer close(running.ended)
		running.code = run(ctx, []string{"--dir", s.dir, "--program", s.program}, s.environment, running.out, running.errs)
	}()
	s.t.Cleanup(func() { running.curtain() })
	running.out.await(s.t, "Ctrl-C stops everything", running)
	return running
}

// curtain stops the demo and gives its exit code.
func (s *show) curtain() int {
	s.stop()
	return s.exitCode()
}

// exitCode waits for the demo's end.
func (s *show) exitCode() int {
	select {
	case <-s.ended:
		return s.code
	case <-time.After(patience):
		s.t.Error("the demo did not end")
		return -1
	}
}

// screen keeps what is printed and tells when there is more.
type screen struct {
	mu      sync.Mutex
	buffer  bytes.Buffer
	changed chan struct{}
}

func newScreen() *screen { return &screen{changed: make(chan struct{})} }

// Write takes what is printed.
func (s *screen) Write(data []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
	return s.buffer.Write(data)
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buffer.String()
}

func (s *screen) await(t *testing.T, text string, running *show) {
	t.Helper()
	deadline := time.After(patience)
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if strings.Contains(s.text(), text) {
			return
		}
		select {
		case <-changed:
		case <-running.ended:
			require.FailNow(t, "the demo ended", "code %d\n%s\n%s", running.code, s.text(), running.errs.text())
		case <-deadline:
			require.FailNow(t, "it never printed "+text, s.text()+running.errs.text())
		}
	}
}

func (s *show) link(pattern string) string {
	s.t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(s.out.text())
	require.NotNil(s.t, found, "%s is not in:\n%s", pattern, s.out.text())
	return found[1]
}

func fetch(t *testing.T, address string) reply {
	t.Helper()
	answered, err := get(context.Background(), address)
	require.NoError(t, err)
	return answered
}

func TestDemoProvesItselfAndItsLinksWork(t *testing.T) {
	s := prepareStage(t)
	taken, err := net.Listen("tcp", "127.0.0.1:8080") // it must do without the usual port
	if err == nil {
		t.Cleanup(func() { require.NoError(t, taken.Close()) })
	}
	demo := s.raise()
	out := demo.out.text()
	require.Contains(t, out, "-> converted")
	require.Contains(t, out, "payout 2.50 USD")
	require.Contains(t, out, "still one conversion")
	require.NotContains(t, out, "127.0.0.1:8080/")

	// What is printed to be pasted works as it stands.
	for _, line := range regexp.MustCompile(`(?m)^  (curl .*)$`).FindAllStringSubmatch(out, -1) {
		address := regexp.MustCompile(`'(.*)'`).FindStringSubmatch(line[1])[1]
		answered := fetch(t, strings.Replace(address, "localhost", "127.0.0.1", 1))
		if strings.Contains(address, "/pixel?") {
			require.Equal(t, http.StatusNotFound, answered.status, "only the tracking domain serves pixels")
			answered = fetch(t, address)
		}
		require.NotEmpty(t, answered.header.Get("X-Receipt"), "%s: %d %s", address, answered.status, answered.body)
	}

	// The shop sells, and its page learns what became of it.
	clicked := fetch(t, demo.link(`(http://\S+/click\S+)`))
	landing, err := url.Parse(clicked.header.Get("Location"))
	require.NoError(t, err)
	click := landing.Query().Get("clickid")
	shop := "http://" + landing.Host
	for i, by := range []string{"offer", "global"} {
		response, err := http.PostForm(shop+"/buy", url.Values{"clickid": {click}, "way": {by}})
		require.NoError(t, err)
		page, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Contains(t, string(page), "200 OK ")
		require.Eventually(t, func() bool {
			var told story
			require.NoError(t, json.Unmarshal([]byte(fetch(t, shop+"/story?clickid="+click).body), &told))
			return len(told.Hits) == i+1 && told.Hits[i].Outcome == []string{"converted", "duplicate"}[i] &&
				len(told.Conversions) == 1 && told.Conversions[0].Payout.String() == "2.5"
		}, patience, 50*time.Millisecond)
	}
	http.DefaultClient.CloseIdleConnections()

	require.Zero(t, demo.curtain(), demo.errs.text())
	log, err := os.ReadFile(filepath.Join(s.dir, "integr8.log"))
	require.NoError(t, err)
	require.Contains(t, string(log), "stopped", "integr8 was asked to stop, and did so in order")
	require.NotContains(t, string(log), "i8t_")

	// A second run finds the account again, and points the offer at the shop
	// where it is now.
	again := s.raise()
	require.Equal(t, demo.link(`/click\?(offer=\d+&publisher=\d+)`), again.link(`/click\?(offer=\d+&publisher=\d+)`))
	require.Equal(t, demo.link(`(i8t_\w+)`), again.link(`(i8t_\w+)`))
	require.Zero(t, again.curtain())
}

func TestDemoSaysWhenIntegr8Dies(t *testing.T) {
	s := prepareStage(t)
	demo := s.raise()
	require.NoError(t, syscall.Kill(s.integr8(), syscall.SIGKILL))
	require.Equal(t, 1, demo.exitCode())
	require.Contains(t, demo.errs.text(), "integr8 up has died (signal: killed)")
	require.Contains(t, demo.errs.text(), "msg=listening", "the end of its log is shown")
}

// integr8 finds the process that runs `integr8 up`.
func (s *stage) integr8() int {
	s.t.Helper()
	processes, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(s.t, err)
	for _, path := range processes {
		text, err := os.ReadFile(path)
		if err != nil { // it has ended meanwhile
			continue
		}
		if string(text) == s.program+"\x00up\x00" {
			pid, err := strconv.Atoi(strings.Split(path, "/")[2])
			require.NoError(s.t, err)
			return pid
		}
	}
	require.FailNow(s.t, "integr8 up does not run")
	return 0
}

func TestDemoNeedsServers(t *testing.T) {
	var out, errs bytes.Buffer
	code := run(context.Background(), []string{"--dir", t.TempDir()}, []string{"AMQP_URL=amqp://127.0.0.1"}, &out, &errs)
	require.Equal(t, 1, code)
	require.Contains(t, errs.String(), "DATABASE_URL is not set")
	require.Equal(t, 2, run(context.Background(), []string{"--nonsense"}, nil, &out, &errs))
}

func TestDemoTellsWhatIntegr8ComplainsOf(t *testing.T) {
	s := prepareStage(t)
	s.environment = append(s.environment, "INTEGR8_SECRET=short")
	var out, errs bytes.Buffer
	require.Equal(t, 1, run(context.Background(), []string{"--dir", s.dir, "--program", s.program}, s.environment, &out, &errs))
	require.Contains(t, errs.String(), "INTEGR8_SECRET")
}
