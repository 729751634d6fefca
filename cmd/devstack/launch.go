package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// launch describes a server to be started.
type launch struct {
	path string
	args []string
	// directory is where it works.
	directory string
	// environment is all that it gets: what the caller happens to have set
	// for other servers must not reach these.
	environment []string
	// log is the file that takes what it prints.
	log string
	// as is the user it runs as.
	as account
}

// start starts the server in a session of its own, so that it outlives this
// program and no Ctrl-C reaches it.
func (l launch) start() (process, error) {
	log, err := os.OpenFile(l.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return process{}, fmt.Errorf("open the log of %s: %w", l.path, err)
	}
	defer log.Close()
	command := exec.Command(l.path, l.args...)
	command.Dir = l.directory
	command.Env = l.environment
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: l.as.credential()}
	if err := command.Start(); err != nil {
		return process{}, fmt.Errorf("start %s: %w", l.path, err)
	}
	// Until it is waited for, its id cannot pass to another process.
	started, err := identify(command.Process.Pid)
	if err != nil {
		return process{}, errors.Join(err, command.Process.Kill(), command.Wait())
	}
	go func() { _ = command.Wait() }()
	return started, nil
}

// lastLines returns the end of a log, to show with an error.
func lastLines(path string, n int) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	const most = 8 << 10
	if info, err := file.Stat(); err == nil && info.Size() > most {
		if _, err := file.Seek(-most, io.SeekEnd); err != nil {
			return ""
		}
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return "  " + strings.Join(lines[max(0, len(lines)-n):], "\n  ")
}
