package store_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/token"
	"integr8/sql/store"
)

// certificate makes a self-signed certificate for 127.0.0.1, and a file with it for
// clients.
func certificate(t *testing.T, validUntil time.Time) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"},
		NotBefore: validUntil.AddDate(-1, 0, 0), NotAfter: validUntil,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	made, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "root.crt")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}), 0o600))
	return tls.Certificate{Certificate: [][]byte{made}, PrivateKey: key}, file
}

// greet listens like a Postgres: it replies to the request for TLS with that letter and
// then calls goOn. It returns its address.
func greet(t *testing.T, letter byte, goOn func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			request := make([]byte, 8)
			if _, err := io.ReadFull(conn, request); err == nil {
				_, _ = conn.Write([]byte{letter})
				goOn(conn)
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		<-served
	})
	return listener.Addr().String()
}

func TestWhatFailsBeforeAStatementReachesTheServerIsAnOutage(t *testing.T) {
	t.Parallel()
	expired, root := certificate(t, time.Now().Add(-time.Hour))
	encrypted := func(conn net.Conn) {
		_ = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{expired}}).Handshake()
	}
	verifying := url.Values{"sslmode": {"verify-full"}, "sslrootcert": {root}}
	for name, test := range map[string]struct {
		address  string
		settings url.Values
		is       error
	}{
		"an expired certificate":   {greet(t, 'S', encrypted), verifying, nil},
		"no TLS on the server":     {greet(t, 'N', func(net.Conn) {}), verifying, pq.ErrSSLNotSupported},
		"no server of this kind":   {greet(t, '?', func(net.Conn) {}), verifying, nil},
		"a root that is not there": {greet(t, 'S', encrypted), url.Values{"sslmode": {"verify-full"}, "sslrootcert": {root + ".gone"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			address := url.URL{Scheme: "postgres", User: url.UserPassword("integr8", "x"), Host: test.address,
				Path: "/integr8", RawQuery: test.settings.Encode()}
			opened, err := store.OpenBounded(address.String(), time.Minute)
			require.NoError(t, err)
			defer func() { require.NoError(t, opened.Close()) }()
			record := &attribution.Record{Hit: &hit.Hit{}}
			_, findErr := opened.FindOffers(t.Context(), []attribution.PartyID{{AccountID: 1, ID: 1}})
			_, clicksErr := opened.Clicks(t.Context(), []token.TransactionID{{1}})
			for _, err := range []error{findErr, clicksErr, opened.Write(t.Context(), []*attribution.Record{record})} {
				require.Error(t, err)
				require.Equal(t, failure.Outage, failure.Of(err), "%v", err)
				if test.is != nil {
					require.ErrorIs(t, err, test.is)
				}
			}
		})
	}
}
