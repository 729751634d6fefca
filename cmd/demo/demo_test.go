package main

import (
	"bytes"
	"context"
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

	"integr8/cmd/internal/build"
	"integr8/cmd/internal/tool"
	"integr8/handlers"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/rabbit/rabbittest"
	"integr8/sql/store/storetest"
)

// built is the real integr8, built once for all tests.
var built string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "demo")
	if err != nil {
		panic(err)
	}
	built = filepath.Join(dir, "integr8")
	if err := build.Program(context.Background(), built, "cmd/integr8"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// patience is how long a test waits for an event.
const patience = 60 * time.Second

// fixture holds what a demo needs: the real integr8, a database, queues, a directory.
type fixture struct {
	t           *testing.T
	program     string
	dir         string
	environment []string
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	s := &fixture{t: t, program: filepath.Join(t.TempDir(), "integr8"), dir: filepath.Join(t.TempDir(), "stack")}
	require.NoError(t, os.Symlink(built, s.program)) // its own path, through which the test finds the process
	topology := rabbittest.Topology(t, rabbit.Topology{Topics: handlers.Topics()})
	s.environment = append(os.Environ(), "DATABASE_URL="+storetest.URL(t), "AMQP_URL="+rabbittest.URL(t),
		"INTEGR8_QUEUE_PREFIX="+topology.Prefix, "INTEGR8_SECRET=")
	return s
}

// demoRun is a running demo.
type demoRun struct {
	t    *testing.T
	out  *output
	errs *output
	stop context.CancelFunc
	// ended is closed when the demo has ended with code.
	ended chan struct{}
	code  int
}

// start starts a demo and waits until it has shown a conversion.
func (s *fixture) start() *demoRun {
	s.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	running := &demoRun{t: s.t, out: newOutput(), errs: newOutput(), stop: stop, ended: make(chan struct{})}
	go func() {
		defer close(running.ended)
		running.code = tool.Run(ctx, name, description, &options{environment: s.environment}, []string{"--dir", s.dir, "--program", s.program}, running.out, running.errs)
	}()
	s.t.Cleanup(func() { running.shutDown() })
	running.out.await(s.t, "Ctrl-C stops everything", running)
	return running
}

// shutDown stops the demo and returns its exit code.
func (s *demoRun) shutDown() int {
	s.stop()
	return s.exitCode()
}

// exitCode waits for the end of the demo.
func (s *demoRun) exitCode() int {
	select {
	case <-s.ended:
		return s.code
	case <-time.After(patience):
		s.t.Error("the demo did not end")
		return -1
	}
}

// output stores what is printed and signals when there is more.
type output struct {
	mu      sync.Mutex
	buffer  bytes.Buffer
	changed chan struct{}
}

func newOutput() *output { return &output{changed: make(chan struct{})} }

// Write stores what is printed.
func (s *output) Write(data []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
	return s.buffer.Write(data)
}

func (s *output) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buffer.String()
}

func (s *output) await(t *testing.T, text string, running *demoRun) {
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

func (s *demoRun) link(pattern string) string {
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
	s := newFixture(t)
	taken, err := net.Listen("tcp", "127.0.0.1:8080") // it must do without the usual port
	if err == nil {
		t.Cleanup(func() { require.NoError(t, taken.Close()) })
	}
	demo := s.start()
	out := demo.out.text()
	require.Contains(t, out, "-> converted")
	require.Contains(t, out, "payout 2.50 USD")
	require.Contains(t, out, "still one conversion")
	require.NotContains(t, out, "127.0.0.1:8080/")

	// The printed commands work when they are pasted unchanged.
	for _, line := range regexp.MustCompile(`(?m)^  (curl .*)$`).FindAllStringSubmatch(out, -1) {
		address := regexp.MustCompile(`'(.*)'`).FindStringSubmatch(line[1])[1]
		answered := fetch(t, strings.Replace(address, "localhost", "127.0.0.1", 1))
		if strings.Contains(address, "/pixel?") {
			require.Equal(t, http.StatusNotFound, answered.status, "only the tracking domain serves pixels")
			answered = fetch(t, address)
		}
		require.NotEmpty(t, answered.header.Get("X-Receipt"), "%s: %d %s", address, answered.status, answered.body)
	}

	s.printedEnvironmentShowsTheSystem(t, demo)

	// The shop sells, and its page shows the outcome.
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
	s.linkLogsIn(t, demo.link(`(http://\S+/login/link#i8l_\w+)`))
	http.DefaultClient.CloseIdleConnections()

	require.Zero(t, demo.shutDown(), demo.errs.text())
	log, err := os.ReadFile(filepath.Join(s.dir, "integr8.log"))
	require.NoError(t, err)
	require.Contains(t, string(log), "stopped", "integr8 was asked to stop, and did so in order")
	require.NotContains(t, string(log), "i8t_")

	// A second run finds the account again, and changes the offer's destination to the
	// shop's new address.
	again := s.start()
	require.Equal(t, demo.link(`/click\?(offer=\d+&publisher=\d+)`), again.link(`/click\?(offer=\d+&publisher=\d+)`))
	require.Equal(t, demo.link(`(i8t_\w+)`), again.link(`(i8t_\w+)`))
	require.Zero(t, again.shutDown())
}

// linkLogsIn does what the page of the link does with it.
func (s *fixture) linkLogsIn(t *testing.T, link string) {
	t.Helper()
	page, secret, _ := strings.Cut(link, "#")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(page, url.Values{"token": {secret}})
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusSeeOther, response.StatusCode)
	require.Len(t, response.Cookies(), 1)
}

// printedEnvironmentShowsTheSystem pastes the printed lines into a shell that has only
// the servers.
func (s *fixture) printedEnvironmentShowsTheSystem(t *testing.T, demo *demoRun) {
	t.Helper()
	exports := regexp.MustCompile(`(?m)^  export .*$`).FindAllString(demo.out.text(), -1)
	require.Len(t, exports, 2, demo.out.text())
	require.NotContains(t, demo.out.text(), "with INTEGR8_SECRET")
	paste := func(command string) string {
		t.Helper()
		shell := exec.CommandContext(t.Context(), "sh", "-ec", strings.Join(append(exports, s.program+" "+command), "\n"))
		shell.Env = s.environment
		out, err := shell.CombinedOutput()
		require.NoError(t, err, "%s: %s", command, out)
		return string(out)
	}
	require.Contains(t, paste("spool show"), filepath.Join(s.dir, "spool"))
	paste("healthcheck")
	link := demo.link(`(http://\S+/click\?offer=\d+&publisher=)`)
	require.Contains(t, paste("offer show "+regexp.MustCompile(`offer=(\d+)`).FindStringSubmatch(link)[1]), link, "it prints the links of this system")
	require.NotContains(t, paste("doctor"), "broken")
}

func TestDemoSaysWhenIntegr8Dies(t *testing.T) {
	s := newFixture(t)
	demo := s.start()
	require.NoError(t, syscall.Kill(s.integr8(), syscall.SIGKILL))
	require.Equal(t, 1, demo.exitCode())
	require.Contains(t, demo.errs.text(), "integr8 up has died (signal: killed)")
	require.Contains(t, demo.errs.text(), "msg=listening", "the end of its log is shown")
}

// integr8 returns the process that runs `integr8 up`.
func (s *fixture) integr8() int {
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
	code := tool.Run(context.Background(), name, description, &options{environment: []string{"AMQP_URL=amqp://127.0.0.1"}}, []string{"--dir", t.TempDir()}, &out, &errs)
	require.Equal(t, 1, code)
	require.Contains(t, errs.String(), "DATABASE_URL is not set")
	require.Equal(t, 2, tool.Run(context.Background(), name, description, &options{environment: nil}, []string{"--nonsense"}, &out, &errs))
}

func TestDemoTellsWhatIntegr8ComplainsOf(t *testing.T) {
	s := newFixture(t)
	s.environment = append(s.environment, "INTEGR8_SECRET=short")
	var out, errs bytes.Buffer
	require.Equal(t, 1, tool.Run(context.Background(), name, description, &options{environment: s.environment}, []string{"--dir", s.dir, "--program", s.program}, &out, &errs))
	require.Contains(t, errs.String(), "INTEGR8_SECRET")
}
