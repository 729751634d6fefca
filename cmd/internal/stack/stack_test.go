package stack

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/cmd/internal/filelock"
	"integr8/cmd/internal/ports"
	"integr8/cmd/internal/proctree"
)

// patience bounds every wait of these tests: RabbitMQ needs ten seconds to
// start on a busy machine.
const patience = time.Minute

// tick is the time between two checks.
const tick = 10 * time.Millisecond

// TestStackKeepsItsDataThroughEverything tests one stack in many steps, because each
// start of RabbitMQ takes seconds.
func TestStackKeepsItsDataThroughEverything(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	var at Addresses

	t.Run("two starts at once give the same servers", func(t *testing.T) {
		var results [2]result
		var group sync.WaitGroup
		for i := range results {
			group.Go(func() { results[i] = devstack(t, dir, "start", "--disposable") })
		}
		group.Wait()
		require.Zero(t, results[0].code, results[0].stderr)
		require.Zero(t, results[1].code, results[1].stderr)
		require.Equal(t, results[0].stdout, results[1].stdout)
		at = parse(t, results[0].stdout)
		require.Equal(t, results[0].stdout, must(t, dir, "env").stdout)
		at.write(t)
		// Half a second passes before RabbitMQ has on disk which processes
		// serve a new quorum queue; killed before, it never serves it again.
		require.Eventually(t, func() bool {
			names, err := filepath.Glob(filepath.Join(dir, "rabbitmq/rabbit/data/rabbit@localhost/quorum/*/names.dets"))
			require.NoError(t, err)
			require.Len(t, names, 1)
			text, err := os.ReadFile(names[0])
			require.NoError(t, err)
			return strings.Contains(string(text), "kept")
		}, patience, tick)
	})
	if t.Failed() {
		return
	}

	t.Run("everything listens on the loopback interface only", func(t *testing.T) {
		s := opened(t, dir)
		for _, port := range []int{s.postgres.Port, s.nodes[0].Port, s.nodes[0].ErlangPort, s.epmd.Port} {
			require.NotZero(t, port)
			for _, address := range listeners(t, port) {
				require.Contains(t, []string{"127.0.0.1", "::1"}, address, "port %d", port)
			}
		}
	})

	t.Run("passwords are readable by their owner only", func(t *testing.T) {
		for _, name := range []string{"state.json", "rabbitmq", "postgres.log"} {
			info, err := os.Stat(filepath.Join(dir, name))
			require.NoError(t, err)
			require.Zero(t, info.Mode().Perm()&0o077, name)
		}
	})

	t.Run("a paused server accepts and does not answer", func(t *testing.T) {
		s := opened(t, dir)
		must(t, dir, "pause")
		for _, port := range []int{s.postgres.Port, s.nodes[0].Port} {
			conn, err := net.Dial("tcp", ports.Loopback(port))
			require.NoError(t, err)
			require.NoError(t, conn.Close())
		}
		members, err := proctree.Members(s.postgres.Process)
		require.NoError(t, err)
		brokers, err := proctree.Members(s.nodes[0].Process)
		require.NoError(t, err)
		require.Greater(t, len(members), 3)
		require.Greater(t, len(brokers), 1)
		for _, member := range append(members, brokers...) {
			require.True(t, member.Paused())
		}
		must(t, dir, "resume", "postgres")
		require.False(t, s.postgres.Process.Paused())
		require.True(t, s.nodes[0].Process.Paused())
		must(t, dir, "resume")
		at.check(t)
	})

	t.Run("what was killed starts again at the same address with its data", func(t *testing.T) {
		s := opened(t, dir)
		for _, which := range []string{"postgres", "rabbitmq"} {
			must(t, dir, "kill", which)
			require.Equal(t, at, parse(t, must(t, dir, "env").stdout))
		}
		require.False(t, s.postgres.Process.Alive())
		require.False(t, s.nodes[0].Process.Alive())
		require.True(t, ports.Free(s.postgres.Port))
		require.True(t, ports.Free(s.nodes[0].Port))
		require.Len(t, strays(t, s), 1, "the port mapper crashes with nobody")
		require.Equal(t, at, parse(t, must(t, dir, "start", "postgres").stdout))
		require.Equal(t, at, parse(t, must(t, dir, "start", "rabbitmq").stdout))
		at.check(t)
	})

	t.Run("stop leaves no process and no open port", func(t *testing.T) {
		s := opened(t, dir)
		must(t, dir, "pause", "postgres") // a paused server must stop as well
		must(t, dir, "stop")
		require.Empty(t, strays(t, s))
		for _, port := range []int{s.postgres.Port, s.nodes[0].Port, s.nodes[0].ErlangPort, s.epmd.Port} {
			require.Empty(t, listeners(t, port))
		}
		require.Contains(t, must(t, dir, "env").stderr, "does not run")
		must(t, dir, "stop")
	})

	t.Run("a start moves away from a port that somebody else took", func(t *testing.T) {
		s := opened(t, dir)
		for _, port := range []int{s.postgres.Port, s.nodes[0].Port} {
			listener, err := net.Listen("tcp", ports.Loopback(port))
			require.NoError(t, err)
			defer listener.Close()
		}
		alone := devstack(t, dir, "start", "postgres")
		require.Equal(t, 1, alone.code, "a part that starts alone must not move: its address is in use")
		require.Contains(t, alone.stderr, fmt.Sprint(s.postgres.Port))
		moved := must(t, dir, "start")
		require.Contains(t, moved.stderr, fmt.Sprintf("port %d is taken", s.postgres.Port))
		require.Contains(t, moved.stderr, fmt.Sprintf("port %d is taken", s.nodes[0].Port))
		require.NotEqual(t, at, parse(t, moved.stdout))
		at = parse(t, moved.stdout)
		at.check(t)
	})

	t.Run("clean leaves nothing", func(t *testing.T) {
		s := opened(t, dir)
		must(t, dir, "clean")
		require.NoDirExists(t, dir)
		require.Empty(t, strays(t, s))
		must(t, dir, "clean")
	})
}

func TestPostgresRunsInADirectoryThatItsUserCannotEnter(t *testing.T) {
	t.Parallel()
	closed := t.TempDir()
	require.NoError(t, os.Chmod(closed, 0o700))
	dir := filepath.Join(closed, "stack")
	t.Cleanup(func() { must(t, dir, "clean") })
	require.Regexp(t, `^export DATABASE_URL=\S+\n$`, must(t, dir, "start", "postgres").stdout)
	s := opened(t, dir)
	home := s.postgres.home()
	if os.Geteuid() == 0 {
		require.Equal(t, outsideHomeOf(dir), home)
	}

	// A stack finds its data even without its record.
	require.NoError(t, os.WriteFile(recordPath(dir), []byte("{"), 0o600))
	require.Equal(t, 1, devstack(t, dir, "start", "postgres").code)
	must(t, dir, "clean")
	require.NoDirExists(t, home)
	require.False(t, s.postgres.Process.Alive())
}

func TestStartEndsWhatALostRecordLeftRunning(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	must(t, dir, "start", "postgres", "--disposable")
	s := opened(t, dir)
	lost := s.postgres.Process
	require.NoError(t, s.ledger.change(func(r *record) { r.Postgres.Process = proctree.ID{} }))
	require.Contains(t, must(t, dir, "start", "postgres").stderr, "left behind")
	require.False(t, lost.Alive())
	require.True(t, opened(t, dir).postgres.Process.Alive())
}

func TestInterruptedFirstStartLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "stack")
	command := exec.Command(built, "start", "--dir", dir, "--disposable")
	require.NoError(t, command.Start())
	require.Eventually(t, func() bool {
		_, err := os.Stat(filepath.Join(dir, "rabbitmq", "rabbit", "data"))
		return err == nil
	}, patience, 10*time.Millisecond)
	s := opened(t, dir)
	require.NoError(t, command.Process.Signal(syscall.SIGINT))
	require.Error(t, command.Wait())
	require.Equal(t, 130, command.ProcessState.ExitCode())
	require.NoDirExists(t, dir)
	require.Empty(t, strays(t, s))
}

func TestStartRefusesADirectoryOfOtherThings(t *testing.T) {
	t.Parallel()
	for _, name := range []string{".git", "postgres"} {
		dir := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o700))
		r := devstack(t, dir, "start", "postgres")
		require.Equal(t, 1, r.code)
		require.Contains(t, r.stderr, name)
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, entries, 1)
	}
}

func TestFilesOfProgramsThatUseTheStackAreLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	require.NoError(t, os.WriteFile(secret, []byte("kept"), 0o600))
	must(t, dir, "start", "postgres", "--disposable")
	must(t, dir, "clean")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.FileExists(t, secret)
}

func TestCommandsOnNoStackSayThatThereIsNone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "stack")
	for _, command := range [][]string{{"env"}, {"kill", "postgres"}, {"pause"}, {"resume"}} {
		r := devstack(t, dir, command...)
		require.Equal(t, 1, r.code, command)
		require.Contains(t, r.stderr, "no servers were started", command)
	}
	require.Equal(t, 2, devstack(t, dir, "kill", "mysql").code)
	require.NoDirExists(t, dir)
}

func parse(t *testing.T, stdout string) Addresses {
	t.Helper()
	form := regexp.MustCompile(`^export DATABASE_URL=(postgres://\S+)\nexport AMQP_URL=(amqp://\S+)\n$`)
	found := form.FindStringSubmatch(stdout)
	require.NotNil(t, found, "start printed %q", stdout)
	return Addresses{DatabaseURL: found[1], AMQPURL: found[2]}
}

// opened returns the stack that its record describes.
func opened(t *testing.T, dir string) *Stack {
	t.Helper()
	s := New(dir, Options{})
	require.NoError(t, s.open())
	return s
}

// strays returns the running processes of a stack.
func strays(t *testing.T, s *Stack) []proctree.ID {
	t.Helper()
	var found []proctree.ID
	for _, one := range append(s.servers(All), s.epmd) {
		some, err := one.strays()
		require.NoError(t, err)
		found = append(found, some...)
	}
	return found
}

// write leaves something in both servers that check looks for.
func (a Addresses) write(t *testing.T) {
	t.Helper()
	a.query(t, "CREATE TABLE kept AS SELECT 1 AS one")
	a.channel(t, func(ctx context.Context, channel *amqp.Channel) {
		_, err := channel.QueueDeclare("kept", true, false, false, false, amqp.Table{"x-queue-type": "quorum"})
		require.NoError(t, err)
		require.NoError(t, channel.Confirm(false))
		confirm, err := channel.PublishWithDeferredConfirmWithContext(ctx, "", "kept", true, false,
			amqp.Publishing{DeliveryMode: amqp.Persistent, Body: []byte("kept")})
		require.NoError(t, err)
		confirmed, err := confirm.WaitContext(ctx)
		require.NoError(t, err)
		require.True(t, confirmed)
	})
}

// check checks that both servers hold what write left.
func (a Addresses) check(t *testing.T) {
	t.Helper()
	a.query(t, "SELECT one FROM kept")
	require.Eventually(t, func() (found bool) {
		a.channel(t, func(_ context.Context, channel *amqp.Channel) {
			// A quorum queue needs a moment after a start to elect its leader.
			message, ok, err := channel.Get("kept", false)
			found = err == nil && ok && string(message.Body) == "kept"
		})
		return found
	}, patience, 100*time.Millisecond)
}

func (a Addresses) query(t *testing.T, text string) {
	t.Helper()
	db, err := sql.Open("postgres", a.DatabaseURL)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), text)
	require.NoError(t, err)
}

func (a Addresses) channel(t *testing.T, use func(context.Context, *amqp.Channel)) {
	t.Helper()
	conn, err := amqp.Dial(a.AMQPURL)
	require.NoError(t, err)
	defer conn.Close()
	channel, err := conn.Channel()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	use(ctx, channel)
}

// listeners returns the addresses on which a process listens on a port, from the
// kernel's tables, in which addresses are words of reversed bytes.
func listeners(t *testing.T, port int) []string {
	t.Helper()
	const listening = "0A"
	var found []string
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(table)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			address, number, ok := strings.Cut(fields[1], ":")
			if !ok || fields[3] != listening || number != fmt.Sprintf("%04X", port) {
				continue
			}
			var octets net.IP
			for ; address != ""; address = address[8:] {
				var word uint32
				_, err := fmt.Sscanf(address[:8], "%x", &word)
				require.NoError(t, err)
				octets = append(octets, byte(word), byte(word>>8), byte(word>>16), byte(word>>24))
			}
			found = append(found, octets.String())
		}
	}
	return found
}

func TestACommandThatWaitedForACleanFindsNothingAndLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "stack")
	require.NoError(t, os.MkdirAll(dir, 0o700))
	require.NoError(t, os.WriteFile(recordPath(dir), []byte("{}"), 0o600))
	held, err := filelock.Try(filepath.Join(dir, lockName))
	require.NoError(t, err)

	command := exec.Command(built, "stop", "--dir", dir)
	stderr, err := command.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	lines := bufio.NewScanner(stderr)
	require.True(t, lines.Scan())
	require.Contains(t, lines.Text(), "waiting")
	require.NoError(t, os.Remove(recordPath(dir)))
	require.NoError(t, held.Release())
	require.True(t, lines.Scan())
	require.Contains(t, lines.Text(), "no servers were started")
	require.NoError(t, command.Wait())
	require.NoDirExists(t, dir)
}
