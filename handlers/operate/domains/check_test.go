package domains

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// names is a resolver that knows some hosts.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, _, host string) (found []netip.Addr, err error) {
	for _, address := range n[strings.TrimSuffix(host, ".")] {
		found = append(found, netip.MustParseAddr(address))
	}
	if len(found) == 0 {
		err = &net.DNSError{Err: "no such host", Name: host, Server: "10.0.0.53:53", IsNotFound: true}
	}
	return found, err
}

func base(t *testing.T, text string) *url.URL {
	t.Helper()
	address, err := url.Parse(text)
	require.NoError(t, err)
	return address
}

// serving returns the address of a server that shows a certificate for a host, which ends
// at a time, and the handshakes that came.
func serving(t *testing.T, host string, until time.Time) (port string, came chan string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a test"}, DNSNames: []string{host}, NotBefore: until.Add(-90 * 24 * time.Hour), NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	came = make(chan string, 10)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			came <- hello.ServerName
			return nil, nil
		},
	})
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			accepted, err := listener.Accept()
			if err != nil {
				return
			}
			_ = accepted.(*tls.Conn).HandshakeContext(context.Background()) // whatever the client thinks of it
			accepted.Close()
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-done
	})
	_, port, err = net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	return port, came
}

func texts(found []Finding) (all []string) {
	for _, one := range found {
		all = append(all, one.What)
	}
	return all
}

func TestACheckSaysWhatIsWrongWithACertificate(t *testing.T) {
	t.Parallel()
	untrusted := "browsers do not trust who issued the certificate"
	for _, of := range []struct {
		certified     string
		until         time.Duration
		faults, notes []string
	}{
		{"px.shop.example", 60 * 24 * time.Hour, []string{untrusted}, nil},
		{"*.shop.example", 60 * 24 * time.Hour, []string{untrusted}, nil},
		{"other.example", 60 * 24 * time.Hour, []string{"the certificate is for other hosts", untrusted}, nil},
		{"px.shop.example", 49 * time.Hour, []string{untrusted}, []string{"the certificate expires in 2 days"}},
		{"px.shop.example", -time.Hour, []string{"the certificate has expired", untrusted}, nil},
	} {
		port, came := serving(t, of.certified, time.Now().Add(of.until))
		checks := New(base(t, "https://track.example:"+port), names{"px.shop.example": {"127.0.0.1"}, "track.example": {"127.0.0.1"}}, ByTLS, true)
		check, err := checks.Check(t.Context(), "px.shop.example")
		require.NoError(t, err)
		require.Equal(t, []string{"127.0.0.1"}, check.Addresses)
		require.Equal(t, "px.shop.example", <-came)
		require.Equal(t, of.faults, texts(check.Faults))
		require.Equal(t, of.notes, texts(check.Notes))
		require.Equal(t, []string{of.certified}, check.Certificate.Names)
		require.WithinDuration(t, time.Now().Add(of.until), check.Certificate.ValidUntil, time.Minute)
	}
}

// TestACheckConnectsToNoPrivateAddress: an account names the domain.
func TestACheckConnectsToNoPrivateAddress(t *testing.T) {
	t.Parallel()
	for _, addresses := range [][]string{{"127.0.0.1"}, {"8.8.8.8", "10.0.0.1"}, {"::ffff:127.0.0.1"}, {"169.254.169.254"}, {"fd00::1"}} {
		checks := New(base(t, "https://track.example"), names{"px.shop.example": addresses}, func(_ context.Context, to netip.AddrPort, _ string) ([]*x509.Certificate, error) {
			t.Errorf("connected to %s", to)
			return nil, nil
		}, false)
		check, err := checks.Check(t.Context(), "px.shop.example")
		require.NoError(t, err)
		require.Len(t, check.Faults, 1)
		require.Contains(t, check.Faults[0].What, "not public")
		require.Empty(t, check.Addresses, "nor does it say which")
	}
}

func TestACheckSaysWhereANameLeads(t *testing.T) {
	t.Parallel()
	known := names{"px.shop.example": {"8.8.4.4", "8.8.8.8"}, "track.example": {"8.8.8.8"}, "away.example": {"1.1.1.1"}}
	checks := New(base(t, "http://track.example"), known, nil, false)
	check, err := checks.Check(t.Context(), "nowhere.example")
	require.NoError(t, err)
	require.Equal(t, []string{"nowhere.example: there is no host of that name in DNS"}, texts(check.Faults))
	require.Contains(t, check.Faults[0].Hint, "CNAME record with track.example")
	require.Empty(t, check.Notes)

	check, err = checks.Check(t.Context(), "px.shop.example")
	require.NoError(t, err)
	require.Empty(t, check.Faults)
	require.Len(t, check.Notes, 1)
	require.Contains(t, check.Notes[0].What, "plain HTTP")

	check, err = checks.Check(t.Context(), "away.example")
	require.NoError(t, err)
	require.Contains(t, texts(check.Notes), "away.example leads elsewhere than track.example, where the doors are")
}

func TestAServerThatDoesNotAnswerIsAFaultWithoutAddresses(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	checks := New(base(t, "https://track.example:"+port), names{"px.shop.example": {"127.0.0.1"}}, ByTLS, true)
	check, err := checks.Check(t.Context(), "px.shop.example")
	require.NoError(t, err)
	require.Equal(t, []string{"no handshake of TLS with px.shop.example: connect: connection refused"}, texts(check.Faults))
}

func TestOnlySomeChecksRunAtOnce(t *testing.T) {
	t.Parallel()
	checks := New(base(t, "http://track.example"), names{}, nil, false)
	for range mostUnderWay {
		checks.underWay <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := checks.Check(ctx, "px.shop.example")
	require.ErrorIs(t, err, context.Canceled)
}
