package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// program is integr8 with the environment that it needs.
type program struct {
	path        string
	environment []string
}

// failedCommand is a command of integr8 that failed; it says what integr8 said.
type failedCommand struct {
	command  string
	said     string
	exitCode int
}

func (e *failedCommand) Error() string { return fmt.Sprintf("integr8 %s: %s", e.command, e.said) }

// ask runs a command of integr8 and reads its JSON answer into the value
// given, if any.
func (p program) ask(ctx context.Context, answer any, args ...string) error {
	command := exec.CommandContext(ctx, p.path, append(args, "--json")...)
	command.Env = p.environment
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return &failedCommand{args[0], strings.TrimSpace(errs.String()), exit.ExitCode()}
	case err != nil:
		return fmt.Errorf("run integr8 %s: %w", args[0], err)
	case answer == nil:
		return nil
	}
	if err := json.Unmarshal(out.Bytes(), answer); err != nil {
		return fmt.Errorf("read the answer of integr8 %s: %w", args[0], err)
	}
	return nil
}
