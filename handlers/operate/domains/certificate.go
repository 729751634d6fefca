package domains

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"time"
)

// Handshake connects to an address and returns the certificates that its server shows for
// a host, its own first. It verifies none of them.
type Handshake func(ctx context.Context, to netip.AddrPort, host string) ([]*x509.Certificate, error)

// ByTLS is the Handshake of a network.
func ByTLS(ctx context.Context, to netip.AddrPort, host string) ([]*x509.Certificate, error) {
	// What is wrong with a certificate is what is looked for, and nothing is sent.
	dialer := tls.Dialer{Config: &tls.Config{ServerName: host, InsecureSkipVerify: true}}
	made, err := dialer.DialContext(ctx, "tcp", to.String())
	if err != nil {
		return nil, err
	}
	shown := made.(*tls.Conn).ConnectionState().PeerCertificates
	_ = made.Close() // nothing was sent
	return shown, nil
}

// shakeHands looks at the certificate of the host, at the first of its addresses that
// answers.
func (c *Checks) shakeHands(ctx context.Context, check *Check, addresses []netip.Addr) {
	if c.Base.Scheme != "https" {
		check.note("", "pixels are served by plain HTTP, as INTEGR8_PUBLIC_URL says, so that no certificate is looked at")
		return
	}
	port, err := netip.ParseAddrPort(net.JoinHostPort("0.0.0.0", c.port()))
	if err != nil {
		check.fault("", "the port of INTEGR8_PUBLIC_URL cannot be read")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	var shown []*x509.Certificate
	for _, address := range addresses {
		if shown, err = c.Handshake(ctx, netip.AddrPortFrom(address, port.Port()), check.Host); err == nil {
			break
		}
	}
	switch {
	case err != nil:
		check.fault("the host needs a server at port "+c.port()+" that leads to the doors, with a certificate", "no handshake of TLS with %s: %s", check.Host, withoutServers(err))
	case len(shown) == 0:
		check.fault("", "%s shows no certificate", check.Host)
	default:
		check.judge(shown, time.Now())
	}
}

func (c *Checks) port() string {
	if port := c.Base.Port(); port != "" {
		return port
	}
	return "443"
}

// mostNames is how many names of a certificate are shown.
const mostNames = 10

// judge says what browsers find wrong with the certificates of a server.
func (c *Check) judge(shown []*x509.Certificate, now time.Time) {
	own := shown[0]
	c.Certificate = &Certificate{Names: own.DNSNames[:min(mostNames, len(own.DNSNames))], Issuer: own.Issuer.CommonName, ValidUntil: own.NotAfter.UTC()}
	if own.VerifyHostname(c.Host) != nil {
		c.fault("the server needs a certificate with the name "+c.Host, "the certificate is for other hosts")
	}
	switch left := own.NotAfter.Sub(now); {
	case left < 0:
		c.fault("renew it", "the certificate has expired")
	case now.Before(own.NotBefore):
		c.fault("", "the certificate is not valid yet")
	case left < expiresSoon:
		c.note("see that it is renewed", "the certificate expires in %d days", int(left.Hours()/24))
	}
	others := x509.NewCertPool()
	for _, one := range shown[1:] {
		others.AddCert(one)
	}
	var unknown x509.UnknownAuthorityError
	if _, err := own.Verify(x509.VerifyOptions{Intermediates: others, CurrentTime: own.NotAfter.Add(-time.Second)}); errors.As(err, &unknown) {
		c.fault("take one of an authority that browsers trust, with the certificates between", "browsers do not trust who issued the certificate")
	}
}

// withoutServers is the text of an error without the addresses of servers: those of the
// network of the service are nobody's business.
func withoutServers(err error) string {
	var name *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return "there is no host of that name in DNS"
	case errors.As(err, &name) && name.IsTimeout, errors.Is(err, context.DeadlineExceeded):
		return "there was no answer in time"
	case errors.As(err, &name):
		return "the name cannot be looked up"
	case errors.As(err, &op):
		return op.Err.Error()
	default:
		return "the server does not speak TLS"
	}
}
