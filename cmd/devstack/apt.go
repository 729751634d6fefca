package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"integr8/cmd/internal/filelock"
	"integr8/cmd/internal/proctree"
	"integr8/cmd/internal/tool"
)

// installLock prevents the stacks of several checkouts from installing at the same
// time.
const installLock = "/run/lock/integr8-devstack"

// install installs, as root, the missing ones of the named needs. It starts no server
// of the system, now or at the machine's next start.
func install(ctx context.Context, out *tool.Output, names []string) (err error) {
	held, err := filelock.Take(ctx, installLock, func() { out.Say("waiting for another devstack that installs packages") })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, held.Release()) }()
	var packages []string
	for _, one := range missing(names) {
		packages = append(packages, one.packages...)
	}
	if len(packages) == 0 {
		return nil
	}
	out.Say("installing %s with apt; this takes a minute", strings.Join(packages, " "))
	// Without the option, apt reports success when the network is down.
	listsErr := aptGet(ctx, "update", "--option", "APT::Update::Error-Mode=any")
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	arguments := append([]string{"install", "--yes", "--no-install-recommends"}, packages...)
	if err := aptGet(ctx, append(arguments, "--download-only")...); err != nil {
		return errors.Join(listsErr, err) // older lists would have been enough
	}
	enabledBefore := enabledServices()
	services, err := holdServices("/")
	if err != nil {
		return errors.Join(err, services.release())
	}
	// From here on an interrupt has to wait: half-installed packages are worse than
	// installed ones.
	err = aptGet(context.WithoutCancel(ctx), arguments...)
	return errors.Join(err, services.release(), disableServices(enabledBefore))
}

// aptGet runs apt-get without questions, and shows its output only when it fails.
func aptGet(ctx context.Context, arguments ...string) error {
	options := []string{
		"--quiet",
		"--option", "DPkg::Lock::Timeout=300",
		"--option", "Dpkg::Use-Pty=0",
		"--option", "Dpkg::Options::=--force-confold",
	}
	var printed bytes.Buffer
	command := exec.CommandContext(ctx, "apt-get", append(options, arguments...)...)
	command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_SUSPEND=1", "LC_ALL=C.UTF-8")
	command.Stdout, command.Stderr = &printed, &printed
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // so that Ctrl-C does not reach it
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = proctree.Limit
	if err := command.Run(); err != nil {
		lines := strings.Split(strings.TrimSpace(printed.String()), "\n")
		return fmt.Errorf("apt-get %s: %w; it said:\n  %s", arguments[0], err,
			strings.Join(lines[max(0, len(lines)-12):], "\n  "))
	}
	return nil
}
