package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/cmd/internal/build"
	"integr8/cmd/internal/stack"
	"integr8/pipeline/outcome"
	"integr8/pipeline/spool"
)

// ownServers are a Postgres and a RabbitMQ that a test may freeze.
type ownServers struct {
	stack.Addresses
	stack *stack.Stack
}

// startServers starts servers that are deleted when the test ends, with a schema.
func startServers(t *testing.T) *ownServers {
	t.Helper()
	s := &ownServers{stack: stack.New(filepath.Join(t.TempDir(), "servers"), stack.Options{})}
	t.Cleanup(func() { require.NoError(t, s.stack.Clean(context.Background())) })
	_, err := s.stack.Start(t.Context(), stack.All)
	require.NoError(t, err)
	s.Addresses, err = s.stack.Addresses()
	require.NoError(t, err)
	(&program{t: t, environment: map[string]string{"DATABASE_URL": s.DatabaseURL}}).succeed("migrate")
	return s
}

// freeze stops a server until the test ends or the result is called.
func (s *ownServers) freeze(t *testing.T, server stack.Part) (thaw func()) {
	t.Helper()
	require.NoError(t, s.stack.Pause(t.Context(), server))
	thaw = sync.OnceFunc(func() { require.NoError(t, s.stack.Resume(context.Background(), server)) })
	t.Cleanup(thaw)
	return thaw
}

// trial is how a command is run while servers are frozen.
type trial struct {
	arguments string
	// needs names the servers without which it fails.
	needs string
}

// trials has one for every command that is no server.
var trials = map[string]trial{
	"account create": {"--name=x", "database"}, "account list": {"", "database"}, "account show": {"1", "database"},
	"account edit":      {"1 --name=y", "database"},
	"advertiser create": {"--account=1 --name=x", "database"}, "advertiser list": {"--account=1", "database"},
	"advertiser show": {"1", "database"}, "advertiser edit": {"1 --name=y", "database"},
	"publisher create": {"--account=1 --name=x", "database"}, "publisher list": {"--account=1", "database"},
	"publisher show": {"1", "database"}, "publisher edit": {"1 --name=y", "database"},
	"offer create": {strings.Join(offerArguments()[2:], " "), "database"}, "offer list": {"--account=1", "database"},
	"offer show": {"1", "database"}, "offer edit": {"1 --name=y", "database"},
	"domain create": {"--account=1 --host=d.example", "database"}, "domain list": {"--account=1", "database"},
	"domain show": {"1", "database"}, "domain edit": {"1 --host=e.example", "database"},
	"token create": {"--account=1", "database"}, "token list": {"--account=1", "database"}, "token show": {"1", "database"},
	"token edit": {"1 --valid-until=2030-01-01", "database"}, "token import": {"--account=1", "database"},
	"dead list": {"", "database"}, "dead show": {"0191f0a0-0000-7000-8000-000000000000", "database"},
	"dead replay": {"--all", "database broker"}, "dead discard": {"--reason=offer_paused --dry-run", "database"},
	"dead undo": {"--all --dry-run", "database"}, "dead note": {"--all --note=x", "database"},
	"job list": {"", "database"}, "job show": {"1", "database"}, "job cancel": {"1", "database"},
	"audit": {"", "database"}, "queues show": {"", "broker"}, "queues pause": {"clicks --reason=x", "database"}, "queues resume": {"clicks", "database"}, "topology": {"", "broker"}, "migrate": {"", "database"},
	"trace": {"0191f0a0-0000-7000-8000-000000000000", "database"}, "report": {"", "database"},
	"test":        {"--offer=1 --publisher=1", "database"},
	"conversions": {"", "database"}, "hits": {"", "database"}, "find": {"--order-id A-1", "database"},
	"key create": {"--account=1 --name=x", "database"}, "key list": {"", "database"}, "key revoke": {"1", "database"},
	"alert create": {"--account=1 --name=x --when=new_reason", "database"}, "alert rules": {"", "database"}, "alert list": {"", "database"},
	"alert edit": {"1 --status=paused", "database"}, "alert silence": {"1 --for=1h", "database"},
	"webhook create": {"--account=1 --url=https://hooks.example", "database"}, "webhook list": {"", "database"},
	"webhook show": {"1", "database"}, "webhook remove": {"1", "database"}, "webhook test": {"1", "database"},
	"user create": {"ann --role=viewer --all-accounts", "database"}, "user list": {"", "database"}, "user edit": {"ann --disable", "database"},
	"user password": {"ann", "database"}, "user link": {"ann", "database"}, "user sessions": {"", "database"}, "user logout": {"ann", "database"},
	"history": {"", "database"}, "retention show": {"", "database"}, "retention set": {"--hits=400d", "database"},
	"spool show": {"SPOOL", ""}, "spool drain": {"SPOOL", "broker"},
	"secret list": {"", "database"}, "secret retire": {"001122334455", "database"},
	"rollup check": {"", "database"}, "rollup rebuild": {"", "database"},
	"doctor": {"", "database broker"}, "healthcheck": {"", ""}, "version": {"", ""},
	"completion": {"bash", ""}, "help": {"", ""},
}

// leaves lists the commands of the grammar that are no servers.
func leaves(t *testing.T) (commands []string) {
	for _, leaf := range parsedGrammar(t).Leaves(false) {
		if timeLimitOf(leaf) != timeEndless {
			commands = append(commands, strings.TrimPrefix(leaf.FullPath(), "integr8 "))
		}
	}
	return commands
}

// runAll runs every command that needs one of the named servers, at the same time,
// and reports how each has ended.
func (s *system) runAll(ctx context.Context, needs string, check func(command string, code int, stderr string) error) {
	s.t.Helper()
	var running sync.WaitGroup
	for _, command := range leaves(s.t) {
		try, known := trials[command]
		require.True(s.t, known, "%s has no trial", command)
		arguments := append(strings.Fields(command), strings.Fields(strings.Replace(try.arguments, "SPOOL", spoolWithAHit(s.t), 1))...)
		running.Go(func() {
			var errs bytes.Buffer
			code := Run(ctx, arguments, s.lookup, strings.NewReader("q8Zv3LrT1xW0pYbN5dKs"), io.Discard, &errs)
			if !strings.Contains(try.needs, needs) {
				return // that it has ended is all
			}
			if err := check(command, code, errs.String()); err != nil {
				s.t.Errorf("%s: %v: exit code %d: %s", command, err, code, &errs)
			}
		})
	}
	running.Wait()
}

// oneLineThat finds the one line of a command that failed.
func oneLineThat(contains, stderr string) error {
	lines := regexp.MustCompile(`(?m)^integr8: .*`).FindAllString(stderr, -1)
	if len(lines) != 1 || !strings.Contains(lines[0], contains) {
		return fmt.Errorf("not one line that says %q", contains)
	}
	return nil
}

func TestEveryCommandEndsInItsTimeAndAtASignalWhateverServerHangs(t *testing.T) {
	t.Parallel()
	servers := startServers(t)
	s := prepareSystemOn(t, servers.DatabaseURL, servers.AMQPURL)
	s.variables["INTEGR8_CONFIRM_TIMEOUT"] = "500ms"
	s.die(1, s.ID, outcome.OfferPaused, s.Offer)
	for _, server := range []struct {
		stopped stack.Part
		name    string
	}{{stack.Postgres, "database"}, {stack.RabbitMQ, "broker"}} {
		thaw := servers.freeze(t, server.stopped)
		s.variables["INTEGR8_TIMEOUT"] = "5s" // the machine may be busy with other tests
		s.runAll(t.Context(), server.name, func(command string, code int, stderr string) error {
			switch {
			case code != exitFailed:
				return errors.New("it did not fail")
			case command == "doctor":
				return nil // the server is a finding
			default:
				return oneLineThat(server.name, stderr)
			}
		})
		s.variables["INTEGR8_TIMEOUT"] = "1h"
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			ctx, interrupt := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { interrupt(interruption{signal}) }) // they hang by then
			s.runAll(ctx, server.name, func(command string, code int, stderr string) error {
				if command == "dead replay" && code == exitFailed {
					return nil // it gave up by itself: see INTEGR8_CONFIRM_TIMEOUT
				}
				if code != 128+int(signal) {
					return errors.New("it was not interrupted")
				}
				return oneLineThat("interrupted", stderr)
			})
		}
		thaw()
	}
}

func TestASignalEndsTheProgramWhileAServerHangs(t *testing.T) {
	t.Parallel()
	servers := startServers(t)
	binary := filepath.Join(t.TempDir(), "integr8")
	require.NoError(t, build.Program(t.Context(), binary, "cmd/integr8"))
	servers.freeze(t, stack.Postgres)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		var errs bytes.Buffer
		command := exec.CommandContext(t.Context(), binary, "account", "list", "--timeout", "1h")
		command.Env = append(os.Environ(), "DATABASE_URL="+servers.DatabaseURL)
		command.Stderr = &errs
		require.NoError(t, command.Start())
		require.Eventually(t, func() bool { return hasSocket(t, command.Process.Pid) }, patience, time.Millisecond)
		require.NoError(t, command.Process.Signal(signal))
		var exit *exec.ExitError
		require.ErrorAs(t, command.Wait(), &exit)
		require.Equal(t, 128+int(signal), exit.ExitCode(), errs.String())
		require.Equal(t, "integr8: interrupted\n", errs.String())
	}
}

// hasSocket reports whether a process is connected to something.
func hasSocket(t *testing.T, pid int) bool {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	require.NoError(t, err)
	for _, file := range files {
		if target, err := os.Readlink(file); err == nil && strings.HasPrefix(target, "socket:") {
			return true
		}
	}
	return false
}

// spoolWithAHit makes a spool directory in which something waits.
func spoolWithAHit(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	log, err := spool.Open(spool.Options{Dir: spool.Locate(dir), MaxBytes: 1 << 20})
	require.NoError(t, err)
	defer func() { require.NoError(t, log.Close()) }()
	require.NoError(t, log.Append(t.Context(), []byte("x")))
	return dir
}

func TestReadyzIsServedAndNamesTheServerThatHangs(t *testing.T) {
	t.Parallel()
	servers := startServers(t)
	s := prepareSystemOn(t, servers.DatabaseURL, servers.AMQPURL)
	admins := map[string]string{}
	for _, role := range []string{"receive", "work", "up"} {
		s.variables["INTEGR8_ADMIN_ADDR"] = "127.0.0.1:0"
		own, _ := s.launch(role)
		admins[role] = own.listening(t, "admin")
		require.Eventually(t, func() bool { return s.ask(admins[role], "/readyz").body == "ready\n" }, patience, 10*time.Millisecond)
	}
	for _, server := range []struct {
		stopped stack.Part
		name    string
	}{{stack.Postgres, "database"}, {stack.RabbitMQ, "broker"}} {
		thaw := servers.freeze(t, server.stopped)
		var asking sync.WaitGroup
		for role, admin := range admins {
			for range 8 {
				asking.Go(func() {
					client := http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
					response, err := client.Get("http://" + admin + "/readyz")
					if err != nil {
						t.Errorf("%s while the %s hangs: %v", role, server.name, err)
						return
					}
					defer response.Body.Close()
					body, err := io.ReadAll(response.Body)
					if err != nil || !regexp.MustCompile(`(?m)^`+server.name+`: .*(does not answer|no answer within [0-9.]+s)$`).Match(body) {
						t.Errorf("%s while the %s hangs: %s %v", role, server.name, body, err)
					}
					if wanted := map[string]int{"work": http.StatusServiceUnavailable}[role]; wanted != 0 && response.StatusCode != wanted {
						t.Errorf("%s while the %s hangs: %s", role, server.name, response.Status)
					}
				})
			}
			require.Equal(t, http.StatusOK, s.ask(admin, "/healthz").status)
		}
		asking.Wait()
		if server.stopped == stack.Postgres {
			require.Contains(t, s.queue("postbacks").Hint, "held")
			require.Contains(t, s.queue("postbacks").Hint, "the database cannot be used")
		}
		thaw()
		for _, admin := range admins {
			require.Eventually(t, func() bool { return s.ask(admin, "/readyz").body == "ready\n" }, patience, 10*time.Millisecond)
		}
	}
}
