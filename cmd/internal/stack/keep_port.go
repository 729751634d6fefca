package stack

import (
	"fmt"

	"integr8/cmd/internal/ports"
)

// keepPort returns the port that a server had, or another one when that is taken now.
// With samePort it returns an error instead.
func keepPort(s server, say Say, had int, samePort bool, choose func() (int, error)) (int, error) {
	switch {
	case had == 0:
		return choose()
	case ports.Free(had):
		return had, nil
	case samePort:
		return 0, fmt.Errorf("its port %d is taken by somebody else now", had)
	}
	port, err := choose()
	if err == nil {
		say("port %d is taken by somebody else now; %s moves to %d", had, s.title(), port)
	}
	return port, err
}
