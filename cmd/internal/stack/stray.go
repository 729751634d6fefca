package stack

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/prometheus/procfs"

	"integr8/cmd/internal/proctree"
)

// strayPostgres finds the processes of a Postgres whose record was lost through its
// data directory, in which all of them work.
func strayPostgres(data string) ([]proctree.ID, error) {
	return proctree.Find(func(p procfs.Proc) bool {
		program, err := p.Executable()
		if err != nil || filepath.Base(strings.TrimSuffix(program, " (deleted)")) != "postgres" {
			return false
		}
		directory, err := p.Cwd()
		return err == nil && directory == data
	})
}

// ownerVariable marks the processes of a server in their environment.
const ownerVariable = "INTEGR8_DEVSTACK_OWNER"

// strayMarked finds the processes of a server whose record was lost, by their mark.
func strayMarked(mark string) ([]proctree.ID, error) {
	return proctree.Find(func(p procfs.Proc) bool {
		environment, err := p.Environ()
		return err == nil && slices.Contains(environment, ownerVariable+"="+mark)
	})
}
