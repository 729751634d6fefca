package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnUnsafeWayToAServerIsTold(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		database, broker, sslmode string
		want                      []string
	}{
		{"postgres://u:p@127.0.0.1/d?sslmode=disable", "amqp://u:p@localhost/", "", nil},
		{"postgres://u:p@[::1]/d", "amqp://u:p@[::1]/", "", nil},
		{"postgres://u:p@/d?host=/var/run/postgresql", "amqps://u:p@broker.example/", "", nil},
		{"postgres://u:p@db.example/d?sslmode=verify-full", "amqps://u:p@b1.example/,amqps://u:p@b2.example/", "", nil},
		{"postgres://u:p@db.example/d", "amqps://u:p@b.example/", "verify-full", nil},
		{"postgres://u:p@db.example/d?sslmode=disable", "amqps://u:p@b.example/", "verify-full", []string{unsafePostgres}},
		{"postgres://u:p@db.example/d?sslmode=require", "amqp://u:p@127.0.0.1/", "", []string{unsafePostgres}},
		{"postgres://u:p@10.0.0.7/d", "amqp://u:p@127.0.0.1/", "", []string{unsafePostgres}},
		{"postgres://u:p@127.0.0.1/d?host=10.0.0.7", "amqp://u:p@127.0.0.1/", "", []string{unsafePostgres}},
		{"postgres://u:p@127.0.0.1/d", "amqps://u:p@b1.example/, amqp://u:p@b2.example/", "", []string{unsafeRabbitMQ}},
	} {
		a := &invocation{settings: &settings{DatabaseURL: test.database, AMQPURL: test.broker}, lookup: func(string) (string, bool) { return test.sslmode, true }}
		require.Equal(t, test.want, a.unsafeWays(), "%s %s", test.database, test.broker)
	}
}

func TestDoctorAndProcessesTellOfAnUnsafeWay(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.environment["AMQP_URL"] = "amqp://user:a-broker-password@203.0.113.1:5672/?connection_timeout=50"
	p.environment["DATABASE_URL"] = strings.Replace(p.environment["DATABASE_URL"], "127.0.0.1", "localhost", 1)
	p.environment["INTEGR8_SPOOL_DIR"] = t.TempDir()
	got := p.run("doctor", "--json")
	require.Contains(t, got.stdout, unsafeRabbitMQ)
	require.NotContains(t, got.stdout, unsafePostgres)
	require.NotContains(t, got.stdout+got.stderr, "a-broker-password")
}

func TestASecretOnTheCommandLineIsWarnedOf(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	const secret = "a-service-secret-that-was-typed"
	for _, args := range [][]string{{"account", "list", "--secret", secret}, {"account", "list", "--admin-password=" + secret}, {"account", "list", "--database-url", p.environment["DATABASE_URL"]}} {
		got := p.run(args...)
		require.Equal(t, exitOK, got.code, got.stderr)
		require.Contains(t, got.stderr, "warning: ")
		require.Contains(t, got.stderr, "list of processes")
		require.NotContains(t, got.stderr, secret)
	}
	require.Empty(t, p.run("account", "list").stderr)
}
