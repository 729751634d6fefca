package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Failed is the error of a program that ended with another code than 0.
type Failed struct {
	Name string
	Code int
	// Said is its output: standard error, or, when that is empty, standard output.
	Said string
}

// Error implements error.
func (f *Failed) Error() string {
	return fmt.Sprintf("%s ended with code %d: %s", f.Name, f.Code, f.Said)
}

// interruptTime is how long a program that was interrupted may take to end.
const interruptTime = 10 * time.Second

// Output runs the program to its end and returns its standard output, also that of a
// program that failed: its error is a *Failed. It interrupts the program when ctx ends.
func (p Program) Output(ctx context.Context) ([]byte, error) {
	command := exec.CommandContext(ctx, p.Path, p.Args...)
	command.Dir, command.Env = p.Dir, p.Env
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = interruptTime
	err := command.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return out.Bytes(), nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("run %s: %w", p.Name, context.Cause(ctx))
	case errors.As(err, &exit):
		said := strings.TrimSpace(errs.String())
		if said == "" {
			said = strings.TrimSpace(out.String())
		}
		return out.Bytes(), &Failed{Name: p.Name, Code: exit.ExitCode(), Said: said}
	default:
		return nil, fmt.Errorf("run %s: %w", p.Name, err)
	}
}
