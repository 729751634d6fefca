package stack

import (
	"context"
	"errors"
	"os"
)

// Servers is all servers of a stack that one program starts for itself, and deletes at
// its end.
type Servers struct {
	Addresses
	// Stack is nil for servers that another program started.
	Stack *Stack
	hold  *Hold
}

// StartFresh deletes what an earlier run left in the stack's directory, and starts all
// servers for this program alone.
func (s *Stack) StartFresh(ctx context.Context) (*Servers, error) {
	hold, err := s.Hold(os.Args)
	if err != nil {
		return nil, err
	}
	servers := &Servers{Stack: s, hold: hold}
	err = hold.Clean(ctx)
	if err == nil {
		err = servers.Start(ctx, All)
	}
	if err == nil {
		servers.Addresses, err = s.Addresses()
	}
	if err != nil {
		return nil, errors.Join(err, servers.Remove(ctx))
	}
	return servers, nil
}

// Start starts servers again, on their old addresses.
func (s *Servers) Start(ctx context.Context, which Part) error {
	_, err := s.Stack.Start(ctx, which)
	return err
}

// Remove stops the servers and deletes their data, also when ctx has ended.
func (s *Servers) Remove(ctx context.Context) error {
	return errors.Join(s.hold.Clean(context.WithoutCancel(ctx)), s.hold.Release())
}
