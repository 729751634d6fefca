package main

import "integr8/cmd/devstack/ports"

// keepPort returns the port that a server had, or another when somebody else
// has it now; moved says which it was.
func keepPort(had int, choose func() (int, error)) (chosen int, moved bool, err error) {
	if had != 0 && ports.Free(had) {
		return had, false, nil
	}
	chosen, err = choose()
	return chosen, had != 0, err
}
