// Package domains looks whether a tracking domain works: where its name leads, and
// whether the certificate there is its own.
package domains

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"integr8/pipeline/connection"
)

// Check is what a look at a tracking domain has found.
type Check struct {
	Host string `json:"host"`
	// Addresses are where the name leads; empty where one of them is not public.
	Addresses []string `json:"addresses"`
	// Certificate is null where none was looked at.
	Certificate *Certificate `json:"certificate"`
	// Faults are why pixels of the domain do not work. Notes may be meant.
	Faults []Finding `json:"faults"`
	Notes  []Finding `json:"notes"`
}

// Finding is a sentence about a domain, with what to do about it.
type Finding struct {
	What string `json:"what"`
	Hint string `json:"hint,omitempty"`
}

// Certificate is what a server shows for a host.
type Certificate struct {
	Names      []string  `json:"names"`
	Issuer     string    `json:"issuer"`
	ValidUntil time.Time `json:"valid_until"`
}

// Resolver looks the addresses of names up, as net.Resolver does.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Checks look at tracking domains. They connect to public addresses only, because an
// account names the domain, and send nothing beyond a handshake.
type Checks struct {
	// Base is the public address of the doors, whose scheme and port pixels have.
	Base     *url.URL
	Resolver Resolver
	// Handshake returns what a server shows for a host.
	Handshake Handshake
	// Private allows addresses that are not public.
	Private bool

	// underWay bounds how many checks run at once.
	underWay chan struct{}
}

const (
	// mostUnderWay is how many checks run at once in a process.
	mostUnderWay = 4
	// lookUpTime and handshakeTime bound each part of a check.
	lookUpTime    = 3 * time.Second
	handshakeTime = 5 * time.Second
	// expiresSoon is how long before its end a certificate should have been renewed.
	expiresSoon = 14 * 24 * time.Hour
)

// New returns checks for doors with a public address.
func New(base *url.URL, resolver Resolver, handshake Handshake, private bool) *Checks {
	return &Checks{Base: base, Resolver: resolver, Handshake: handshake, Private: private, underWay: make(chan struct{}, mostUnderWay)}
}

// Check looks at a host. The error is that of ctx: it may end while other checks run.
func (c *Checks) Check(ctx context.Context, host string) (Check, error) {
	select {
	case c.underWay <- struct{}{}:
		defer func() { <-c.underWay }()
	case <-ctx.Done():
		return Check{}, context.Cause(ctx)
	}
	check := Check{Host: host, Addresses: []string{}, Faults: []Finding{}, Notes: []Finding{}}
	addresses := c.lookUp(ctx, &check)
	if len(addresses) > 0 {
		c.compare(ctx, &check, addresses)
		c.shakeHands(ctx, &check, addresses)
	}
	return check, ctx.Err()
}

func (c *Check) fault(hint, format string, arguments ...any) {
	c.Faults = append(c.Faults, Finding{fmt.Sprintf(format, arguments...), hint})
}

func (c *Check) note(hint, format string, arguments ...any) {
	c.Notes = append(c.Notes, Finding{fmt.Sprintf(format, arguments...), hint})
}

// lookUp returns the addresses of the host; none where they are not for this service.
func (c *Checks) lookUp(ctx context.Context, check *Check) []netip.Addr {
	hint := fmt.Sprintf("give %s a CNAME record with %s, or an A and an AAAA record with its addresses", check.Host, c.Base.Hostname())
	addresses, err := c.addressesOf(ctx, check.Host+".") // as it stands, and not within a domain of the service
	switch {
	case err != nil:
		check.fault(hint, "%s: %s", check.Host, withoutServers(err))
		return nil
	case !c.Private && slices.ContainsFunc(addresses, func(address netip.Addr) bool { return !connection.IsPublic(address) }):
		check.fault(hint, "%s leads to an address that is not public, which nobody in the internet reaches", check.Host)
		return nil
	}
	for _, address := range addresses {
		check.Addresses = append(check.Addresses, address.String())
	}
	return addresses
}

// mostAddresses is how many addresses of a name are looked at.
const mostAddresses = 8

func (c *Checks) addressesOf(ctx context.Context, host string) ([]netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	found, err := c.Resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i] = found[i].Unmap()
	}
	slices.SortFunc(found, netip.Addr.Compare) // IPv4 first
	return found[:min(mostAddresses, len(found))], nil
}

// compare notes that a domain leads elsewhere than the doors do.
func (c *Checks) compare(ctx context.Context, check *Check, addresses []netip.Addr) {
	doors := c.Base.Hostname()
	if doors == check.Host {
		return
	}
	own, err := c.addressesOf(ctx, doors)
	if err != nil || slices.ContainsFunc(addresses, func(address netip.Addr) bool { return slices.Contains(own, address) }) {
		return
	}
	check.note("behind a proxy or a CDN of your own that is as it should be; else "+fmt.Sprintf("give %s a CNAME record with %s", check.Host, doors),
		"%s leads elsewhere than %s, where the doors are", check.Host, doors)
}
