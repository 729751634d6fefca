package failure_test

import (
	"context"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"integr8/pipeline/failure"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func TestAnErrorHasOneClass(t *testing.T) {
	_, missingFile := os.Open("/no such file")
	expired, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	for name, test := range map[string]struct {
		err  error
		want failure.Class
	}{
		"nothing":                     {nil, failure.None},
		"never, of nothing":           {failure.Never(nil), failure.None},
		"unavailable, of nothing":     {failure.Unavailable(nil), failure.None},
		"anything unknown":            {errors.New("hiccup"), failure.Transient},
		"no such row":                 {sql.ErrNoRows, failure.Transient},
		"a file":                      {missingFile, failure.Transient},
		"marked as permanent":         {failure.Never(errors.New("no such offer")), failure.Permanent},
		"permanent, though a timeout": {failure.Never(context.DeadlineExceeded), failure.Permanent},
		"marked as unavailable":       {failure.Unavailable(errors.New("queue full")), failure.Outage},
		"unavailable at a shutdown":   {failure.Unavailable(failure.ErrShutdown), failure.Shutdown},

		"the process stops":              {failure.ErrShutdown, failure.Shutdown},
		"cancelled":                      {context.Canceled, failure.Shutdown},
		"a dial that was cancelled":      {&net.OpError{Op: "dial", Err: context.Canceled}, failure.Shutdown},
		"deadline":                       {expired.Err(), failure.Outage},
		"an i/o deadline":                {os.ErrDeadlineExceeded, failure.Outage},
		"connection refused":             {&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, failure.Outage},
		"network unreachable":            {&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ENETUNREACH)}, failure.Outage},
		"connection refused, bare":       {syscall.ECONNREFUSED, failure.Outage},
		"connection reset, bare":         {syscall.ECONNRESET, failure.Outage},
		"broken pipe, bare":              {syscall.EPIPE, failure.Outage},
		"no such host":                   {&net.DNSError{Err: "no such host", Name: "db"}, failure.Outage},
		"end of stream":                  {io.EOF, failure.Outage},
		"end in the middle":              {io.ErrUnexpectedEOF, failure.Outage},
		"a closed socket":                {net.ErrClosed, failure.Outage},
		"a session that is gone, marked": {failure.Unavailable(sql.ErrConnDone), failure.Outage},
		"an expired certificate, marked": {failure.Unavailable(x509.CertificateInvalidError{Reason: x509.Expired}), failure.Outage},
		"no TLS on the server, marked":   {failure.Unavailable(pq.ErrSSLNotSupported), failure.Outage},
		"cancelled at an outage":         {failure.Unavailable(context.Canceled), failure.Shutdown},
		"a bad database connection":      {driver.ErrBadConn, failure.Outage},
		"a closed broker connection":     {amqp.ErrClosed, failure.Outage},
		"a channel closed by the broker": {&amqp.Error{Code: amqp.NotFound, Reason: "no queue"}, failure.Outage},

		"connection_failure":         {&pq.Error{Code: "08006"}, failure.Outage},
		"too_many_connections":       {&pq.Error{Code: "53300"}, failure.Outage},
		"disk_full":                  {&pq.Error{Code: "53100"}, failure.Outage},
		"query_canceled":             {&pq.Error{Code: "57014"}, failure.Outage},
		"admin_shutdown":             {&pq.Error{Code: "57P01"}, failure.Outage},
		"cannot_connect_now":         {&pq.Error{Code: "57P03"}, failure.Outage},
		"io_error":                   {&pq.Error{Code: "58030"}, failure.Outage},
		"read_only_sql_transaction":  {&pq.Error{Code: "25006"}, failure.Outage},
		"invalid_password":           {&pq.Error{Code: "28P01"}, failure.Outage},
		"invalid_catalog_name":       {&pq.Error{Code: "3D000"}, failure.Outage},
		"not_null_violation":         {&pq.Error{Code: "23502"}, failure.Permanent},
		"check_violation":            {&pq.Error{Code: "23514", Constraint: "hits_route_check"}, failure.Permanent},
		"no partition for the row":   {&pq.Error{Code: "23514"}, failure.Transient},
		"unique_violation":           {&pq.Error{Code: "23505"}, failure.Transient},
		"numeric_value_out_of_range": {&pq.Error{Code: "22003"}, failure.Permanent},
		"serialization_failure":      {&pq.Error{Code: "40001"}, failure.Transient},
		"deadlock_detected":          {&pq.Error{Code: "40P01"}, failure.Transient},
		"lock_not_available":         {&pq.Error{Code: "55P03"}, failure.Outage},
		"object_in_use":              {&pq.Error{Code: "55006"}, failure.Outage},
		"a lock on a standby":        {&pq.Error{Code: "55000"}, failure.Outage},
		"in_failed_sql_transaction":  {&pq.Error{Code: "25P02"}, failure.Transient},
		"invalid_schema_name":        {&pq.Error{Code: "3F000"}, failure.Outage},
		"insufficient_privilege":     {&pq.Error{Code: "42501"}, failure.Outage},
		"undefined_column":           {&pq.Error{Code: "42703"}, failure.Outage},
		"undefined_object":           {&pq.Error{Code: "42704"}, failure.Outage},
		"datatype_mismatch":          {&pq.Error{Code: "42804"}, failure.Outage},
		"undefined_function":         {&pq.Error{Code: "42883"}, failure.Outage},
		"undefined_table":            {&pq.Error{Code: "42P01"}, failure.Outage},
		"no key for ON CONFLICT":     {&pq.Error{Code: "42P10"}, failure.Outage},
		"syntax_error":               {&pq.Error{Code: "42601"}, failure.Transient},
		"ambiguous_function":         {&pq.Error{Code: "42725"}, failure.Transient},
		"raise_exception":            {&pq.Error{Code: "P0001"}, failure.Transient},
		"fatal, of any class":        {&pq.Error{Code: "55000", Severity: "FATAL"}, failure.Outage},
		"feature_not_supported":      {&pq.Error{Code: "0A000"}, failure.Transient},
		"a standby that begins":      {failure.Unavailable(&pq.Error{Code: "0A000"}), failure.Outage},
		"program_limit_exceeded":     {&pq.Error{Code: "54000"}, failure.Permanent},
		"no_such_statement":          {&pq.Error{Code: "26000"}, failure.Outage},
		"internal_error":             {&pq.Error{Code: "XX000"}, failure.Transient},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, failure.Of(test.err))
			if test.err != nil {
				require.Equal(t, test.want, failure.Of(fmt.Errorf("store hit: %w", test.err)), "wrapped")
				require.Equal(t, test.want, failure.Of(errors.Join(errors.New("first"), test.err)), "joined")
			}
		})
	}
}

func TestAMarkKeepsTheErrorItMarks(t *testing.T) {
	for _, mark := range []func(error) error{failure.Never, failure.Unavailable} {
		err := mark(io.ErrNoProgress)
		require.ErrorIs(t, err, io.ErrNoProgress)
		require.EqualError(t, err, io.ErrNoProgress.Error())
	}
}

// setting reads the address of a server that the test needs.
func setting(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: run `make test`", name)
	}
	return value
}

func TestErrorsOfPostgresHaveTheirClass(t *testing.T) {
	config, err := pq.NewConfig(setting(t, "DATABASE_URL"))
	require.NoError(t, err)
	holder, err := pq.NewConnectorConfig(config)
	require.NoError(t, err)
	holding := sql.OpenDB(holder)
	defer func() { require.NoError(t, holding.Close()) }()
	_, err = holding.ExecContext(t.Context(), "SELECT pg_advisory_lock(4711)")
	require.NoError(t, err)
	for name, test := range map[string]struct {
		change func(*pq.Config)
		sql    string
		want   failure.Class
		code   pqerror.Code // where the test is about one
	}{
		"a value out of range":     {nil, "SELECT 1e300::real", failure.Permanent, ""},
		"a broken constraint":      {nil, "CREATE TEMP TABLE one (id int CHECK (id < 1)); INSERT INTO one VALUES (1)", failure.Permanent, "23514"},
		"a row that is there":      {nil, "CREATE TEMP TABLE one (id int PRIMARY KEY); INSERT INTO one VALUES (1), (1)", failure.Transient, "23505"},
		"a row of no partition":    {nil, "CREATE TEMP TABLE one (id int) PARTITION BY RANGE (id); INSERT INTO one VALUES (1)", failure.Transient, "23514"},
		"what it never does":       {nil, "SELECT 1 UNION SELECT 2 FOR UPDATE", failure.Transient, "0A000"},
		"what others hold locked":  {nil, "SET lock_timeout = 10; SELECT pg_advisory_lock(4711)", failure.Outage, "55P03"},
		"a missing function":       {nil, "SELECT not_migrated_yet(1)", failure.Outage, "42883"},
		"a wrong statement":        {nil, "SELECT FROM WHERE", failure.Transient, "42601"},
		"a missing table":          {nil, "SELECT * FROM not_migrated_yet", failure.Outage, ""},
		"a statement that hangs":   {nil, "SET statement_timeout = 10; SELECT pg_sleep(60)", failure.Outage, ""},
		"a standby":                {nil, "SET transaction_read_only = on; CREATE TABLE refused (id int)", failure.Outage, "25006"},
		"a server that restarts":   {nil, "SELECT pg_terminate_backend(pg_backend_pid())", failure.Outage, ""},
		"a missing database":       {func(c *pq.Config) { c.Database = "no_such_database" }, "SELECT 1", failure.Outage, ""},
		"a user that is not known": {func(c *pq.Config) { c.User = "no_such_user" }, "SELECT 1", failure.Outage, ""},
		"a server that is away":    {func(c *pq.Config) { c.Host, c.Port = "127.0.0.1", closedPort(t) }, "SELECT 1", failure.Outage, ""},
	} {
		t.Run(name, func(t *testing.T) {
			config := config.Clone()
			if test.change != nil {
				test.change(&config)
			}
			connector, err := pq.NewConnectorConfig(config)
			require.NoError(t, err)
			db := sql.OpenDB(connector)
			defer func() { require.NoError(t, db.Close()) }()
			_, err = db.ExecContext(t.Context(), test.sql)
			require.Error(t, err)
			require.Equal(t, test.want, failure.Of(err), "%v", err)
			var refused *pq.Error
			if test.code != "" && (!errors.As(err, &refused) || refused.Code != test.code) {
				t.Errorf("the test wants %s and is about: %v", test.code, err)
			}
		})
	}
}

func TestErrorsOfRabbitMQAreOutages(t *testing.T) {
	url := setting(t, "AMQP_URL")
	uri, err := amqp.ParseURI(url)
	require.NoError(t, err)
	for name, change := range map[string]func(*amqp.URI){
		"a broker that is away":  func(u *amqp.URI) { u.Host, u.Port = "127.0.0.1", int(closedPort(t)) },
		"a virtual host missing": func(u *amqp.URI) { u.Vhost = "no such virtual host" },
		"a wrong password":       func(u *amqp.URI) { u.Password = "wrong" },
	} {
		t.Run(name, func(t *testing.T) {
			uri := uri
			change(&uri)
			_, err := amqp.Dial(uri.String())
			require.Error(t, err)
			require.Equal(t, failure.Outage, failure.Of(err), "%v", err)
		})
	}
	t.Run("a missing queue", func(t *testing.T) {
		conn, err := amqp.Dial(url)
		require.NoError(t, err)
		defer func() { require.NoError(t, conn.Close()) }()
		channel, err := conn.Channel()
		require.NoError(t, err)
		_, err = channel.QueueDeclarePassive("no such queue", true, false, false, false, nil)
		require.Error(t, err)
		require.Equal(t, failure.Outage, failure.Of(err), "%v", err)
	})
}

// closedPort returns a port on which nothing listens.
func closedPort(t *testing.T) uint16 {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	return uint16(listener.Addr().(*net.TCPAddr).Port)
}
