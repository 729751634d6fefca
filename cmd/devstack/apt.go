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
)

// installLock keeps the stacks of several checkouts from installing at once.
const installLock = "/run/lock/integr8-devstack"

// install installs, as root, what is missing of the named needs. No server of
// the system is started by it, now or at the machine's next start.
func install(ctx context.Context, out *output, names []string) (err error) {
	held, err := takeLock(ctx, installLock, func() { out.say("waiting for another devstack that installs packages") })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, held.release()) }()
	var packages []string
	for _, one := range missing(names) {
		packages = append(packages, one.packages...)
	}
	if len(packages) == 0 {
		return nil
	}
	out.say("installing %s with apt; this takes a minute", strings.Join(packages, " "))
	// Without the option, apt takes a network that is down for a success.
	listsErr := aptGet(ctx, "update", "--option", "APT::Update::Error-Mode=any")
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	arguments := append([]string{"install", "--yes", "--no-install-recommends"}, packages...)
	if err := aptGet(ctx, append(arguments, "--download-only")...); err != nil {
		return errors.Join(listsErr, err) // older lists would have done
	}
	enabledBefore := enabledServices()
	services, err := holdServices("/")
	if err != nil {
		return errors.Join(err, services.release())
	}
	// From here on an interrupt has to wait: half installed packages are a
	// worse thing to leave behind than whole ones.
	err = aptGet(context.WithoutCancel(ctx), arguments...)
	return errors.Join(err, services.release(), disableServices(enabledBefore))
}

// aptGet runs apt-get without questions, and shows what it printed only when
// it fails.
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
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // out of the reach of Ctrl-C
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = treeLimit
	if err := command.Run(); err != nil {
		lines := strings.Split(strings.TrimSpace(printed.String()), "\n")
		return fmt.Errorf("apt-get %s: %w; it said:\n  %s", arguments[0], err,
			strings.Join(lines[max(0, len(lines)-12):], "\n  "))
	}
	return nil
}
