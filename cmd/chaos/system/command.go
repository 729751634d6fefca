package system

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
)

// Integr8 runs a command of the program to its end, as an operator would, and
// gives what it printed.
func (s *System) Integr8(ctx context.Context, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, s.binary(), args...)
	command.Env = s.environment
	var errs bytes.Buffer
	command.Stderr = &errs
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("integr8 %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(errs.String()))
	}
	return out, nil
}

// ask runs a command that prints JSON and reads it.
func (s *System) ask(ctx context.Context, into any, args ...string) error {
	out, err := s.Integr8(ctx, append(args, "--json")...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(out, into); err != nil {
		return fmt.Errorf("read the answer of integr8 %s: %w", strings.Join(args, " "), err)
	}
	return nil
}
