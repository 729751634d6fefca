package system

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Binaries are the programs that a drill runs.
type Binaries struct {
	// Integr8 is the one that is shipped, Faulty the same with the faults of
	// the build tag chaos in it.
	Integr8, Faulty string
	Devstack        string
	// Raced says that the processes run with the race detector, which takes
	// several times the memory.
	Raced bool
}

// Build builds all of them from the sources of this module into a directory.
// With race, a data race in a process shows as its exit code.
func Build(ctx context.Context, dir string, race bool) (*Binaries, error) {
	root, err := moduleRoot(ctx)
	if err != nil {
		return nil, err
	}
	b := &Binaries{Integr8: filepath.Join(dir, "integr8"), Faulty: filepath.Join(dir, "integr8-faulty"), Devstack: filepath.Join(dir, "devstack")}
	cgo, detect := "CGO_ENABLED=0", "-race=false"
	if race {
		cgo, detect = "CGO_ENABLED=1", "-race"
	}
	for _, program := range []struct{ path, source, tags string }{
		{b.Integr8, "./cmd/integr8", ""}, {b.Faulty, "./cmd/integr8", "chaos"}, {b.Devstack, "./cmd/devstack", ""},
	} {
		command := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", detect, "-tags", program.tags, "-o", program.path, program.source)
		command.Dir = root
		command.Env = append(os.Environ(), cgo)
		if text, err := command.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build %s: %w: %s", program.source, err, text)
		}
	}
	return b, nil
}

func moduleRoot(ctx context.Context) (string, error) {
	text, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(text))), nil
}
