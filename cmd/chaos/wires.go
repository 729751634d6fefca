package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"integr8/cmd/chaos/system"
	"integr8/pipeline/networktest"
)

// wire is the network between two parties, such as worker-1 and broker.
type wire struct {
	name string
	*networktest.Proxy
}

// wires holds all proxies of a drill, one for each pair of parties.
type wires struct{ all []*wire }

func (w *wires) add(name, target string) (*wire, error) {
	proxy, err := networktest.New(target)
	if err != nil {
		return nil, err
	}
	one := &wire{name, proxy}
	w.all = append(w.all, one)
	return one, nil
}

// through returns an address that leads from a process to a server through a
// proxy.
func (w *wires) through(process, server, address string) (string, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("the address of the servers cannot be read")
	}
	proxy, err := w.add(process+" and "+server, parsed.Host)
	if err != nil {
		return "", err
	}
	parsed.Host = proxy.Addr()
	return parsed.String(), nil
}

// clients returns the addresses at which clients reach the receivers.
func (w *wires) clients(receivers []*system.Process) ([]string, error) {
	var addresses []string
	for _, p := range receivers {
		proxy, err := w.add("clients and "+p.Name, p.Addr)
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, proxy.Addr())
	}
	return addresses, nil
}

// like returns the wires whose names contain a text.
func (w *wires) like(text string) []*wire {
	var found []*wire
	for _, one := range w.all {
		if strings.Contains(one.name, text) {
			found = append(found, one)
		}
	}
	return found
}

func (w *wires) close() error {
	var errs []error
	for _, one := range w.all {
		errs = append(errs, one.Close())
	}
	return errors.Join(errs...)
}
