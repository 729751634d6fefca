package system

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Dump is a pg_dump of the drill's database that is under way. It holds its locks until
// it has written everything.
type Dump struct {
	command *exec.Cmd
	errs    bytes.Buffer
	hurry   chan struct{}
	read    chan error
}

// dumpPace is the speed at which the dump is read: slow enough to last as long as that
// of a large database.
const (
	dumpPace  = 50 * time.Millisecond
	dumpPiece = 8 << 10
)

// StartDump starts the pg_dump of the server's version, and returns when it has its
// locks. It keeps them until Finish.
func (s *System) StartDump(ctx context.Context) (*Dump, error) {
	var version int
	if err := s.DB.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int / 10000").Scan(&version); err != nil {
		return nil, fmt.Errorf("ask for the server's version: %w", err)
	}
	program := filepath.Join("/usr/lib/postgresql", fmt.Sprint(version), "bin", "pg_dump")
	if _, err := os.Stat(program); err != nil {
		program = "pg_dump"
	}
	address, err := url.Parse(s.databaseURL)
	if err != nil {
		return nil, errors.New("the drill's database has no address that can be read")
	}
	password, _ := address.User.Password()
	d := &Dump{command: exec.CommandContext(ctx, program, "--format=plain"), hurry: make(chan struct{}), read: make(chan error, 1)}
	d.command.Env = append(os.Environ(), "PGHOST="+address.Hostname(), "PGPORT="+address.Port(), "PGUSER="+address.User.Username(),
		"PGPASSWORD="+password, "PGDATABASE="+strings.TrimPrefix(address.Path, "/"))
	d.command.Stderr = &d.errs
	out, err := d.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start pg_dump: %w", err)
	}
	if err := d.command.Start(); err != nil {
		return nil, fmt.Errorf("start pg_dump: %w", err)
	}
	// pg_dump locks every table before it writes anything.
	buffered := bufio.NewReader(out)
	_, err = buffered.Peek(1)
	go func() { d.read <- d.take(buffered) }()
	if err != nil {
		return nil, errors.Join(err, d.Finish())
	}
	return d, nil
}

// take reads the dump at its pace, or without a pause once Finish is called.
func (d *Dump) take(out io.Reader) error {
	for {
		select {
		case <-d.hurry:
			_, err := io.Copy(io.Discard, out)
			return err
		case <-time.After(dumpPace):
			if _, err := io.CopyN(io.Discard, out, dumpPiece); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
		}
	}
}

// Finish lets the dump end. It returns the error of pg_dump.
func (d *Dump) Finish() error {
	close(d.hurry)
	if err := errors.Join(<-d.read, d.command.Wait()); err != nil {
		return fmt.Errorf("pg_dump: %w: %s", err, strings.TrimSpace(d.errs.String()))
	}
	return nil
}

// DatabaseURL returns the address of the drill's database.
func (s *System) DatabaseURL() string { return s.databaseURL }
