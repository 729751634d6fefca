package stack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"integr8/cmd/internal/proctree"
)

// outsideHomes is the directory for data whose owner cannot enter the checkout. Unlike
// /tmp it survives a restart of the machine.
const outsideHomes = "/var/tmp"

// prepare makes the data directory if it is missing, and returns its user.
func (p *postgres) prepare(ctx context.Context) (account, error) {
	as, err := postgresAccount(p.home())
	if err != nil {
		return account{}, err
	}
	if p.Ready {
		enters, err := as.canEnter(p.data())
		if err == nil && !enters {
			err = fmt.Errorf("user %s can no longer enter %s: open the directories above it, or begin anew with devstack clean", as.name, p.data())
		}
		return as, err
	}
	if err := p.chooseHome(ctx, as); err != nil {
		return account{}, err
	}
	return as, p.initialize(ctx, as)
}

// chooseHome chooses the directory of the data: the stack's own if the user of Postgres
// can enter it, else one outside. Existing files there were never in use, so it removes
// them.
func (p *postgres) chooseHome(ctx context.Context, as account) error {
	if err := os.RemoveAll(p.home()); err != nil {
		return fmt.Errorf("remove data that were never in use: %w", err)
	}
	inside := p.insideHome()
	if err := makeHome(inside, as); err != nil {
		return err
	}
	enters, err := as.canEnter(inside)
	if err != nil {
		return err
	}
	p.Home = ""
	if !enters {
		if err := os.RemoveAll(inside); err != nil {
			return fmt.Errorf("remove %s: %w", inside, err)
		}
		if p.Home, err = p.outsideHome(ctx, as); err != nil {
			return err
		}
		p.say("user %s cannot enter %s: the data of Postgres are in %s", as.name, p.dir, p.Home)
	}
	return p.commit()
}

func makeHome(path string, as account) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("make the home of Postgres: %w", err)
	}
	return as.own(path)
}

// belongsTo is the file that names the stack of an outside home.
const belongsTo = "belongs-to"

// outsideHome makes a home outside of the stack's directory. It removes one that an
// earlier stack of the same directory left behind when its record was deleted.
func (p *postgres) outsideHome(ctx context.Context, as account) (string, error) {
	path := outsideHomeOf(p.dir)
	if isOutsideHome(path, p.dir, as) {
		p.say("removing %s, which a deleted stack of this directory left behind", path)
		strays, err := strayPostgres(filepath.Join(path, "data"))
		if err != nil {
			return "", err
		}
		if err := proctree.Kill(ctx, strays); err != nil {
			return "", err
		}
		if err := os.RemoveAll(path); err != nil {
			return "", fmt.Errorf("remove an old home of Postgres: %w", err)
		}
	}
	err := os.Mkdir(path, 0o700)
	if errors.Is(err, fs.ErrExist) { // it belongs to another user; everybody may write there
		path, err = os.MkdirTemp(outsideHomes, filepath.Base(path)+"-")
	}
	if err != nil {
		return "", fmt.Errorf("make the home of Postgres: %w", err)
	}
	if err := os.WriteFile(filepath.Join(path, belongsTo), []byte(p.dir), 0o600); err != nil {
		return "", fmt.Errorf("mark the home of Postgres: %w", err)
	}
	return path, as.own(path)
}

func outsideHomeOf(dir string) string {
	digest := sha256.Sum256([]byte(dir))
	return filepath.Join(outsideHomes, "integr8-"+hex.EncodeToString(digest[:6]))
}

// isOutsideHome reports whether path is a home that devstack made for dir. No other
// user can imitate one: only root can make the user of Postgres the owner of a
// directory.
func isOutsideHome(path, dir string, as account) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() {
		return false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || (owner.Uid != as.uid && owner.Uid != uint32(os.Geteuid())) {
		return false
	}
	text, err := os.ReadFile(filepath.Join(path, belongsTo))
	return err == nil && string(text) == dir
}

// initialize makes an empty database cluster, reachable with a password over
// the loopback interface only, or a copy of the primary that it follows.
func (p *postgres) initialize(ctx context.Context, as account) error {
	if p.standbyOf != "" {
		return p.copyPrimary(ctx, as)
	}
	programs, err := findPostgres(postgresLibrary, 0)
	if err != nil {
		return err
	}
	p.Password = newPassword()
	if err := p.commit(); err != nil {
		return err
	}
	passwordFile := filepath.Join(p.home(), "password")
	if err := os.WriteFile(passwordFile, []byte(p.Password+"\n"), 0o600); err != nil {
		return fmt.Errorf("hand over the password: %w", err)
	}
	if err := as.own(passwordFile); err != nil {
		return err
	}
	args := []string{
		"--pgdata", p.data(), "--username", databaseName, "--pwfile", passwordFile,
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--data-checksums",
	}
	if p.Disposable {
		args = append(args, "--no-sync")
	}
	if err := p.makeData(ctx, programs, as, "initdb", args); err != nil {
		return err
	}
	if err := os.Remove(passwordFile); err != nil {
		return fmt.Errorf("remove the handed over password: %w", err)
	}
	return nil
}

// makeData runs a program of Postgres that makes the data directory.
func (p *postgres) makeData(ctx context.Context, programs postgresPrograms, as account, name string, args []string, environment ...string) error {
	var printed bytes.Buffer
	command := exec.CommandContext(ctx, programs.path(name), args...)
	command.Dir = p.home()
	command.Env = append(plainEnvironment(), environment...)
	command.Stdout, command.Stderr = &printed, &printed
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: as.credential()}
	// It removes what it has made when it is asked to end.
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = proctree.Limit
	if err := command.Run(); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("%s: %w; it said:\n%s", name, err, printed.String())
	}
	return nil
}
