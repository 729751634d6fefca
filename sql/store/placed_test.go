package store_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"database/sql"
	"database/sql/driver"
	"encoding/pem"
	"errors"
	"fmt"
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

	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

// certificate makes one for 127.0.0.1 that signs itself, and the file in which
// a client finds it.
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

// greet listens like a Postgres that replies to the request for TLS with that
// letter and then goes on as told. It gives its address.
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
			record := &store.Record{Hit: &hit.Hit{}}
			_, findErr := opened.FindOffers(t.Context(), []store.PartyID{{AccountID: 1, ID: 1}})
			_, clicksErr := opened.Clicks(t.Context(), []hit.TransactionID{{1}})
			for _, err := range []error{findErr, clicksErr, opened.Write(t.Context(), []*store.Record{record})} {
				require.Error(t, err)
				require.Equal(t, failure.Outage, failure.Of(err), "%v", err)
				if test.is != nil {
					require.ErrorIs(t, err, test.is)
				}
			}
		})
	}
}

// refusing is a connection that refuses with one error whatever is asked.
type refusing struct {
	store.PQConn
	err error
}

func (r refusing) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) { return nil, r.err }

func (r refusing) PrepareContext(context.Context, string) (driver.Stmt, error) { return nil, r.err }

func (r refusing) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return nil, r.err
}

func (r refusing) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return nil, r.err
}

// refusingTx is a transaction that does not commit.
type refusingTx struct {
	driver.Tx
	err error
}

func (r refusingTx) Commit() error { return r.err }

func TestOnlyTheRefusalOfAStatementCanBeTheHits(t *testing.T) {
	notSupported, value := &pq.Error{Code: "0A000"}, &pq.Error{Code: "22003"}
	unknown := errors.New("something of the driver's own")
	for _, row := range []struct {
		err                               error
		connect, begin, statement, commit failure.Class
	}{
		{notSupported, failure.Outage, failure.Outage, failure.Transient, failure.Transient},
		{value, failure.Outage, failure.Outage, failure.Permanent, failure.Permanent},
		{unknown, failure.Outage, failure.Outage, failure.Outage, failure.Outage},
		{driver.ErrBadConn, failure.Outage, failure.Outage, failure.Outage, failure.Outage},
		{context.Canceled, failure.Shutdown, failure.Shutdown, failure.Shutdown, failure.Shutdown},
	} {
		t.Run(row.err.Error(), func(t *testing.T) {
			_, err := store.PlacedConnector{Connector: failing{row.err}}.Connect(t.Context())
			require.Equal(t, row.connect, failure.Of(err), "connect")
			require.ErrorIs(t, err, row.err, "database/sql looks for errors of its own")

			conn := store.Placed(refusing{err: row.err})
			_, err = conn.BeginTx(t.Context(), driver.TxOptions{})
			require.Equal(t, row.begin, failure.Of(err), "begin")
			_, err = conn.PrepareContext(t.Context(), "")
			require.Equal(t, row.statement, failure.Of(err), "prepare")
			_, err = conn.QueryContext(t.Context(), "", nil)
			require.Equal(t, row.statement, failure.Of(err), "query")
			_, err = conn.ExecContext(t.Context(), "", nil)
			require.Equal(t, row.statement, failure.Of(err), "execute")
			require.Equal(t, row.commit, failure.Of(store.PlacedTx{Tx: refusingTx{err: row.err}}.Commit()), "commit")
		})
	}
}

// failing makes no connection.
type failing struct{ err error }

func (f failing) Connect(context.Context) (driver.Conn, error) { return nil, f.err }
func (f failing) Driver() driver.Driver                        { return nil }

func TestAnErrorOfASessionThatIsGoneIsAnOutage(t *testing.T) {
	for _, gone := range []error{sql.ErrTxDone, sql.ErrConnDone} {
		err := store.Ended(fmt.Errorf("write hits: %w", gone))
		require.Equal(t, failure.Outage, failure.Of(err))
		require.ErrorIs(t, err, gone)
	}
	require.Equal(t, failure.Transient, failure.Of(store.Ended(errors.New("another"))))
	require.NoError(t, store.Ended(nil))
}
