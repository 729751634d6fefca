package stack

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// The directories in which Debian and Ubuntu install the programs. They are not on the
// PATH: the PATH has wrappers that switch users and manage the system's own servers.
const (
	postgresLibrary = "/usr/lib/postgresql"
	rabbitmqLibrary = "/usr/lib/rabbitmq/lib"
)

// The oldest versions that integr8 works with.
const (
	OldestPostgres = 13
	OldestRabbitMQ = "3.10"
)

// ErrMissing means that a program is not installed, or only in a version that is too
// old.
var ErrMissing = errors.New("not installed")

// Installed returns nil when a server, Postgres or RabbitMQ, is installed. Otherwise
// the error is ErrMissing.
func Installed(which Part) error {
	if which == Postgres {
		_, err := findPostgres(postgresLibrary, 0)
		return err
	}
	_, err := findRabbitMQ(rabbitmqLibrary)
	return err
}

// postgresPrograms are the programs of one version of Postgres.
type postgresPrograms struct {
	directory string
	major     int
}

func (p postgresPrograms) path(program string) string { return filepath.Join(p.directory, program) }

// findPostgres returns the newest Postgres under library, or the one on the PATH. With
// a version other than 0 it returns only that version, because data of one major
// version cannot be read by another.
func findPostgres(library string, version int) (postgresPrograms, error) {
	candidates, err := filepath.Glob(filepath.Join(library, "*", "bin", "initdb"))
	if err != nil {
		return postgresPrograms{}, fmt.Errorf("look for Postgres: %w", err)
	}
	var best postgresPrograms
	for _, initdb := range candidates {
		directory := filepath.Dir(initdb)
		best = best.better(postgresPrograms{directory, majorOf(filepath.Base(filepath.Dir(directory)))}, version)
	}
	if initdb, err := exec.LookPath("initdb"); err == nil && best.directory == "" {
		if text, err := exec.Command(initdb, "--version").Output(); err == nil {
			fields := strings.Fields(string(text)) // initdb (PostgreSQL) 17.2
			best = best.better(postgresPrograms{filepath.Dir(initdb), majorOf(fields[len(fields)-1])}, version)
		}
	}
	switch {
	case best.directory != "":
		return best, nil
	case version != 0:
		return best, fmt.Errorf("this stack's data were made by Postgres %d, which is %w: install it, or begin anew with devstack clean", version, ErrMissing)
	default:
		return best, fmt.Errorf("no Postgres %d or newer: %w", OldestPostgres, ErrMissing)
	}
}

func (p postgresPrograms) better(other postgresPrograms, version int) postgresPrograms {
	fits := other.major >= OldestPostgres && (version == 0 || other.major == version)
	if fits && other.major > p.major {
		return other
	}
	return p
}

// majorOf returns the first number of a version, 0 when there is none.
func majorOf(version string) int {
	first, _, _ := strings.Cut(strings.TrimSpace(version), ".")
	major, err := strconv.Atoi(first)
	if err != nil {
		return 0
	}
	return major
}

// rabbitmqPath matches RabbitMQ's own script, but no wrapper, and captures its version.
var rabbitmqPath = regexp.MustCompile(`rabbitmq_server-(\d+)\.(\d+)[^/]*/sbin/rabbitmq-server$`)

// findRabbitMQ returns the start script of the newest RabbitMQ under library,
// or of the one on the PATH.
func findRabbitMQ(library string) (string, error) {
	candidates, err := filepath.Glob(filepath.Join(library, "rabbitmq_server-*", "sbin", "rabbitmq-server"))
	if err != nil {
		return "", fmt.Errorf("look for RabbitMQ: %w", err)
	}
	if path, err := exec.LookPath("rabbitmq-server"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			candidates = append(candidates, path)
		}
	}
	best, bestVersion := "", rabbitmqVersion("rabbitmq_server-"+OldestRabbitMQ+"/sbin/rabbitmq-server")
	for _, candidate := range candidates {
		if version := rabbitmqVersion(candidate); version >= bestVersion {
			best, bestVersion = candidate, version
		}
	}
	if best == "" {
		return "", fmt.Errorf("no RabbitMQ %s or newer: %w", OldestRabbitMQ, ErrMissing)
	}
	return best, nil
}

// rabbitmqVersion returns a number that increases with the version in a path; -1 when
// it is not a path of RabbitMQ's own script.
func rabbitmqVersion(path string) int {
	parts := rabbitmqPath.FindStringSubmatch(path)
	if parts == nil {
		return -1
	}
	major, majorErr := strconv.Atoi(parts[1])
	minor, minorErr := strconv.Atoi(parts[2])
	if majorErr != nil || minorErr != nil {
		return -1
	}
	return major*1000 + minor
}

// findEpmd returns Erlang's port mapper.
func findEpmd() (string, error) {
	if path, err := exec.LookPath("epmd"); err == nil {
		return path, nil
	}
	candidates, err := filepath.Glob("/usr/lib/erlang/erts-*/bin/epmd")
	if err != nil {
		return "", fmt.Errorf("look for epmd: %w", err)
	}
	if len(candidates) == 0 {
		return "", fmt.Errorf("epmd, a part of Erlang, is %w", ErrMissing)
	}
	return candidates[len(candidates)-1], nil
}

// plainEnvironment returns the environment of every server, with no other settings of
// the caller.
func plainEnvironment(more ...string) []string {
	path := "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	if own := os.Getenv("PATH"); own != "" {
		path = own + ":" + path
	}
	return append([]string{"PATH=" + path, "LANG=C.UTF-8", "TZ=UTC"}, more...)
}
