package notify

import (
	"errors"
	"net"
)

// withoutHosts removes from an error the addresses of hosts and name servers: accounts see
// why a notice did not arrive, and have no business in the network of the service.
func withoutHosts(err error) error {
	var name *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return errors.New("there is no host of that name")
	case errors.As(err, &name):
		return errors.New("the name of the host cannot be looked up")
	case errors.As(err, &op):
		return op.Err
	default:
		return err
	}
}
