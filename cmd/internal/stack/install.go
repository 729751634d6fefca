package stack

import (
	"context"
	"slices"

	"integr8/cmd/internal/process"
)

// installByDevstack installs missing programs with the command devstack, built from the
// sources of this module. It is for the other tools that start servers.
func installByDevstack(ctx context.Context, needs []string) error {
	missing := slices.DeleteFunc(needs, func(name string) bool { return Installed(Part(name)) == nil })
	if len(missing) == 0 {
		return nil
	}
	_, err := process.Program{Name: "devstack packages", Path: "go",
		Args: append([]string{"run", "-buildvcs=false", "integr8/cmd/devstack", "packages"}, missing...)}.Output(ctx)
	return err
}
