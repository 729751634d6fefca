package system

import (
	"context"
	"path/filepath"

	"integr8/cmd/internal/build"
)

// Binaries are the programs that a drill runs.
type Binaries struct {
	// Integr8 is the program that is shipped. Faulty is the same program with the faults
	// of the build tag chaos.
	Integr8, Faulty string
	// Raced means that the processes run with the race detector, which takes several
	// times the memory.
	Raced bool
}

// Build builds all of them from the sources of this module into a directory. With race,
// a data race in a process shows in its exit code.
func Build(ctx context.Context, dir string, race bool) (*Binaries, error) {
	b := &Binaries{Integr8: filepath.Join(dir, "integr8"), Faulty: filepath.Join(dir, "integr8-faulty"), Raced: race}
	var flags []string
	if race {
		flags = []string{"-race"}
	}
	err := build.Program(ctx, b.Integr8, "cmd/integr8", flags...)
	if err == nil {
		err = build.Program(ctx, b.Faulty, "cmd/integr8", append(flags, "-tags", "chaos")...)
	}
	return b, err
}
