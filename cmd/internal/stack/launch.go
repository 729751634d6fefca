package stack

import (
	"errors"
	"syscall"

	"integr8/cmd/internal/process"
	"integr8/cmd/internal/proctree"
)

// launch starts a server that outlives this program, and returns its identity.
func launch(server process.Program) (proctree.ID, error) {
	server.Outlives = true
	started, err := server.Start()
	if err != nil {
		return proctree.ID{}, err
	}
	id, err := proctree.Identify(started.PID())
	if err != nil {
		return proctree.ID{}, errors.Join(err, started.Signal(syscall.SIGKILL))
	}
	return id, nil
}
