package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"integr8/cmd/chaos/network"
	"integr8/cmd/chaos/system"
	"integr8/cmd/devstack/private"
)

// wire is the network between two parties.
type wire struct {
	name string
	*network.Proxy
}

// wires are all the proxies of a drill, by the names of the parties, such as
// worker-1 and broker. Each pair has one of its own.
type wires struct {
	servers *private.Servers
	between map[string]*wire
	order   []*wire
}

func (w *wires) add(name, target string) (*wire, error) {
	proxy, err := network.New(target)
	if err != nil {
		return nil, err
	}
	one := &wire{name, proxy}
	w.between[name] = one
	w.order = append(w.order, one)
	return one, nil
}

// through returns an address that leads through a proxy.
func (w *wires) through(name, address string) (string, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("the address of the servers cannot be read")
	}
	proxy, err := w.add(name, parsed.Host)
	if err != nil {
		return "", err
	}
	parsed.Host = proxy.Addr()
	return parsed.String(), nil
}

func (w *wires) database(process, address string) (string, error) {
	return w.through(process+" and Postgres", address)
}

func (w *wires) broker(process string) (string, error) {
	return w.through(process+" and broker", w.servers.AMQPURL)
}

// clients returns the addresses by which clients reach the receivers.
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
	for _, one := range w.order {
		if strings.Contains(one.name, text) {
			found = append(found, one)
		}
	}
	return found
}

func (w *wires) close() error {
	var errs []error
	for _, one := range w.order {
		errs = append(errs, one.Close())
	}
	return errors.Join(errs...)
}
