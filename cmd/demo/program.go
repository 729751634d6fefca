package main

import (
	"context"
	"encoding/json"
	"fmt"

	"integr8/cmd/internal/process"
)

// program is integr8 with its environment.
type program struct {
	path        string
	environment []string
}

// ask runs a command of integr8 and decodes its JSON into answer, if that is not nil.
// The error of a failed command is a *process.Failed.
func (p program) ask(ctx context.Context, answer any, args ...string) error {
	name := "integr8 " + args[0]
	out, err := process.Program{Name: name, Path: p.path, Args: append(args, "--json"), Env: p.environment}.Output(ctx)
	if err != nil || answer == nil {
		return err
	}
	if err := json.Unmarshal(out, answer); err != nil {
		return fmt.Errorf("read the answer of %s: %w", name, err)
	}
	return nil
}
