package system

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/lib/pq"
)

// TLS is the encryption of the drill's own Postgres: a root that every process trusts,
// and the certificate of the server.
type TLS struct {
	system *System
	dir    string
	root   authority
	// owner is the user that Postgres runs as. It must be able to read the key, and
	// nobody else may.
	owner int
	made  int
}

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// UseTLS turns encryption on, with a valid certificate, and makes every process require
// and verify it. The processes must not run yet.
func (s *System) UseTLS(ctx context.Context) (*TLS, error) {
	t := &TLS{system: s}
	data, err := t.system.onServer(ctx, "SHOW data_directory")
	if err != nil {
		return nil, err
	}
	about, err := os.Stat(data)
	if err != nil {
		return nil, fmt.Errorf("find out whom Postgres runs as: %w", err)
	}
	if status, ok := about.Sys().(*syscall.Stat_t); ok {
		t.owner = int(status.Uid)
	}
	// The directory lies beside the data, where Postgres may read.
	if t.dir, err = os.MkdirTemp(filepath.Dir(data), "tls-"); err != nil {
		return nil, fmt.Errorf("make a directory for certificates: %w", err)
	}
	s.restore = append(s.restore, t.close)
	if err := os.Chmod(t.dir, 0o755); err != nil {
		return nil, fmt.Errorf("make a directory for certificates: %w", err)
	}
	if t.root, err = newAuthority(); err != nil {
		return nil, err
	}
	root := filepath.Join(t.dir, "root.crt")
	if err := t.write(root, "CERTIFICATE", t.root.certificate.Raw); err != nil {
		return nil, err
	}
	if err := t.Renew(ctx); err != nil {
		return nil, err
	}
	address, err := url.Parse(s.databaseURL)
	if err != nil {
		return nil, errors.New("DATABASE_URL cannot be read")
	}
	address.RawQuery = url.Values{"sslmode": {"verify-full"}, "sslrootcert": {root}}.Encode()
	for _, p := range s.Processes() {
		p.Set("DATABASE_URL=" + address.String())
	}
	return t, nil
}

// Renew makes the server use a certificate that is valid for an hour.
func (t *TLS) Renew(ctx context.Context) error {
	return t.show(ctx, t.root, time.Now().Add(time.Hour))
}

// Expire makes the server use a certificate that expired a minute ago.
func (t *TLS) Expire(ctx context.Context) error {
	return t.show(ctx, t.root, time.Now().Add(-time.Minute))
}

// Usurp makes the server use a certificate of an authority that nobody trusts.
func (t *TLS) Usurp(ctx context.Context) error {
	stranger, err := newAuthority()
	if err != nil {
		return err
	}
	return t.show(ctx, stranger, time.Now().Add(time.Hour))
}

// Off turns the server's encryption off.
func (t *TLS) Off(ctx context.Context) error {
	return t.configure(ctx, "ALTER SYSTEM SET ssl = off")
}

// close restores the server's settings.
func (t *TLS) close(ctx context.Context) error {
	return errors.Join(t.configure(ctx, "ALTER SYSTEM RESET ssl", "ALTER SYSTEM RESET ssl_cert_file", "ALTER SYSTEM RESET ssl_key_file"),
		os.RemoveAll(t.dir))
}

// show makes the server use a new certificate.
func (t *TLS) show(ctx context.Context, by authority, until time.Time) error {
	certificate, key, err := by.issue(until)
	if err != nil {
		return err
	}
	// The files have new names, so that the server never reads one old and one new file.
	t.made++
	name := filepath.Join(t.dir, fmt.Sprintf("server-%d", t.made))
	if err := errors.Join(t.write(name+".crt", "CERTIFICATE", certificate), t.write(name+".key", "PRIVATE KEY", key)); err != nil {
		return err
	}
	return t.configure(ctx, "ALTER SYSTEM SET ssl_cert_file = "+pq.QuoteLiteral(name+".crt"),
		"ALTER SYSTEM SET ssl_key_file = "+pq.QuoteLiteral(name+".key"), "ALTER SYSTEM SET ssl = on")
}

// configure changes settings of the server, waits until it has read them, and ends
// every connection to the drill's database, so that all are made again.
func (t *TLS) configure(ctx context.Context, statements ...string) error {
	before, err := t.system.onServer(ctx, "SELECT pg_conf_load_time()::text")
	if err != nil {
		return err
	}
	for _, statement := range append(statements, "SELECT pg_reload_conf()") {
		if _, err := t.system.onServer(ctx, statement); err != nil {
			return err
		}
	}
	for now := before; now == before; {
		// Each query has a session of its own: a session knows the state of the server at its begin.
		if now, err = t.system.onServer(ctx, "SELECT pg_conf_load_time()::text"); err != nil {
			return err
		}
	}
	return t.system.AlterDatabase(ctx, "")
}

func (t *TLS) write(path, kind string, content []byte) error {
	err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600)
	if kind == "CERTIFICATE" {
		err = errors.Join(err, os.Chmod(path, 0o644))
	} else if os.Getuid() != t.owner {
		err = errors.Join(err, os.Chown(path, t.owner, -1))
	}
	if err != nil {
		return fmt.Errorf("write a certificate: %w", err)
	}
	return nil
}

func newAuthority() (authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return authority{}, fmt.Errorf("make an authority: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "drill"},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	made, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return authority{}, fmt.Errorf("make an authority: %w", err)
	}
	certificate, err := x509.ParseCertificate(made)
	if err != nil {
		return authority{}, fmt.Errorf("make an authority: %w", err)
	}
	return authority{certificate, key}, nil
}

// issue makes the certificate of a server on 127.0.0.1, with its key.
func (a authority) issue(until time.Time) (certificate, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make a certificate: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "127.0.0.1"},
		NotBefore: until.Add(-2 * time.Hour), NotAfter: until,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if certificate, err = x509.CreateCertificate(rand.Reader, template, a.certificate, &private.PublicKey, a.key); err != nil {
		return nil, nil, fmt.Errorf("make a certificate: %w", err)
	}
	if key, err = x509.MarshalPKCS8PrivateKey(private); err != nil {
		return nil, nil, fmt.Errorf("make a certificate: %w", err)
	}
	return certificate, key, nil
}
