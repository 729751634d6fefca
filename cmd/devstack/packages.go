package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"integr8/cmd/internal/stack"
	"integr8/cmd/internal/tool"
)

// need is a program that must be on the machine.
type need struct {
	// what is its name for a person.
	what string
	// packages are the packages of Debian and Ubuntu that contain it.
	packages []string
	// find returns an error when it is missing.
	find func() error
}

// needs returns the needs by the names that ensure accepts.
func needs() map[string]need {
	return map[string]need{
		"postgres": {
			what:     fmt.Sprintf("Postgres %d or newer", stack.OldestPostgres),
			packages: []string{"postgresql"},
			find:     func() error { return stack.Installed(stack.Postgres) },
		},
		"rabbitmq": {
			what:     "RabbitMQ " + stack.OldestRabbitMQ + " or newer",
			packages: []string{"rabbitmq-server"},
			find:     func() error { return stack.Installed(stack.RabbitMQ) },
		},
		"compiler": {
			what:     "a C compiler, for Go's race detector",
			packages: []string{"gcc", "libc6-dev"},
			find:     findCompiler,
		},
		"chromium": {
			what:     "Chromium, for the tests of the console",
			packages: []string{"chromium"},
			find:     findChromium,
		},
		"prometheus": {
			what:     "Prometheus with promtool, which tests the alarms and the dashboard",
			packages: []string{"prometheus"},
			find:     findPrometheus,
		},
	}
}

func findPrometheus() error {
	for _, name := range []string{"prometheus", "promtool"} {
		if _, err := exec.LookPath(name); err != nil {
			return fmt.Errorf("no %s: %w", name, stack.ErrMissing)
		}
	}
	return nil
}

func findCompiler() error {
	for _, name := range []string{os.Getenv("CC"), "gcc", "clang"} {
		if name == "" {
			continue
		}
		if _, err := exec.LookPath(name); err == nil {
			return nil
		}
	}
	return fmt.Errorf("no C compiler: %w", stack.ErrMissing)
}

func findChromium() error {
	if _, err := exec.LookPath("chromium"); err != nil {
		return fmt.Errorf("no Chromium: %w", stack.ErrMissing)
	}
	return nil
}

// missing returns the named needs that are missing.
func missing(names []string) []need {
	var absent []need
	known := needs()
	for _, name := range names {
		if one := known[name]; one.find() != nil {
			absent = append(absent, one)
		}
	}
	return absent
}

// ensure installs the missing needs with apt.
func ensure(ctx context.Context, out *tool.Output, names []string) error {
	absent := missing(names)
	if len(absent) == 0 {
		return nil
	}
	var err error
	switch way, reason := wayToInstall(thisMachine()); way {
	case asRoot:
		err = install(ctx, out, names)
	case bySudo:
		err = sudoInstall(ctx, out, names)
	default:
		err = errors.New(reason)
	}
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return cannotInstall(absent, err)
	}
	if absent := missing(names); len(absent) > 0 {
		return cannotInstall(absent, fmt.Errorf("what apt installed does not do: %w", absent[0].find()))
	}
	return nil
}

// cannotInstall returns the error that says what is needed, why it cannot be installed,
// and what else to do.
func cannotInstall(absent []need, reason error) error {
	var names, packages []string
	for _, one := range absent {
		names = append(names, one.what)
		packages = append(packages, one.packages...)
	}
	return fmt.Errorf(`%s needed here and cannot be installed: %w
Install what is missing (on Debian or Ubuntu: apt-get install %s).
Or use servers that you have, Postgres %d or newer and RabbitMQ %s or newer, by setting both
  DATABASE_URL=postgres://USER:PASSWORD@HOST:5432/DATABASE
  AMQP_URL=amqp://USER:PASSWORD@HOST:5672/`,
		strings.Join(names, " and ")+map[bool]string{true: " is", false: " are"}[len(names) == 1],
		reason, strings.Join(packages, " "), stack.OldestPostgres, stack.OldestRabbitMQ)
}

// machine holds the properties of a machine that decide how packages can be installed.
type machine struct {
	root, aptGet, sudo bool
}

func thisMachine() machine {
	_, err := exec.LookPath("apt-get")
	m := machine{root: os.Geteuid() == 0, aptGet: err == nil}
	if m.aptGet && !m.root {
		m.sudo = exec.Command("sudo", "-n", "true").Run() == nil
	}
	return m
}

// way is how packages can be installed.
type way int

const (
	noWay way = iota
	asRoot
	bySudo
)

// wayToInstall decides how to install packages, or returns the reason why not.
func wayToInstall(m machine) (way, string) {
	switch {
	case !m.aptGet:
		return noWay, "this system has no apt-get"
	case m.root:
		return asRoot, ""
	case m.sudo:
		return bySudo, ""
	default:
		return noWay, "you are not root, and sudo asks for a password or is not there"
	}
}

// sudoInstall runs this program as root to install packages. It passes on the settings
// of a proxy, which apt may need, because sudo drops the environment.
func sudoInstall(ctx context.Context, out *tool.Output, names []string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	args := []string{"-n", "env"}
	for _, name := range []string{"http_proxy", "https_proxy", "no_proxy"} {
		if value := os.Getenv(name); value != "" {
			args = append(args, name+"="+value)
		}
	}
	args = append(append(args, self, "packages"), names...)
	command := exec.CommandContext(ctx, "sudo", args...)
	command.Stdout, command.Stderr = out.Stderr, out.Stderr
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	if err := command.Run(); err != nil {
		return fmt.Errorf("install by sudo: %w", err)
	}
	return nil
}
