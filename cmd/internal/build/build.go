// Package build builds programs from the sources of this module.
package build

import (
	"context"
	"os"
	"slices"

	"integr8/cmd/internal/process"
)

// Program builds a package of this module, such as cmd/integr8, into a file. The
// flags are those of go build. Without -race the program is static.
func Program(ctx context.Context, file, of string, flags ...string) error {
	cgo := "CGO_ENABLED=0"
	if slices.Contains(flags, "-race") {
		cgo = "CGO_ENABLED=1"
	}
	_, err := process.Program{Name: "go build " + of, Path: "go", Env: append(os.Environ(), cgo),
		Args: slices.Concat([]string{"build", "-buildvcs=false", "-o", file}, flags, []string{"integr8/" + of})}.Output(ctx)
	return err
}
