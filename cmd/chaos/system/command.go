package system

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"integr8/cmd/internal/process"
)

// Integr8 runs a command of the program to its end, as an operator would, and
// returns its standard output.
func (s *System) Integr8(ctx context.Context, args ...string) ([]byte, error) {
	return process.Program{Name: "integr8 " + strings.Join(args, " "), Path: s.binary(), Args: args, Env: s.environment}.Output(ctx)
}

// ask runs a command that prints JSON, and decodes that.
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
