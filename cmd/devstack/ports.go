package main

import "integr8/cmd/devstack/ports"

// keepPort gives the port that a server had, or another when somebody else
// has it now; moved says which it was.
func keepPort(had int) (chosen int, moved bool, err error) {
	if had != 0 && ports.Free(had) {
		return had, false, nil
	}
	chosen, err = ports.Choose()
	return chosen, had != 0, err
}
