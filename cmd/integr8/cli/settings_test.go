package cli

import (
	"io"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/cmd/integr8/app"
	"integr8/pipeline/token"
)

func TestNoErrorShowsAPasswordOrASecret(t *testing.T) {
	t.Parallel()
	const password = "hunter2%21x"
	for name, environment := range map[string]map[string]string{
		"database refuses":         {"DATABASE_URL": "postgres://joe:" + password + "@127.0.0.1:1/x?sslmode=disable"},
		"database unreadable":      {"DATABASE_URL": "postgres://joe:" + password + "%zz@127.0.0.1:1/x"},
		"database without scheme":  {"DATABASE_URL": "joe:" + password + "@127.0.0.1:1/x"},
		"database host wrong":      {"DATABASE_URL": "postgres://joe:" + password + "@127.0.0.1:port/x"},
		"database option wrong":    {"DATABASE_URL": "postgres://joe:" + password + "@127.0.0.1:1/x?sslmode=" + password},
		"password as parameter":    {"DATABASE_URL": "postgres://127.0.0.1:1/x?sslmode=disable&password=" + password},
		"broker refuses":           {"AMQP_URL": "amqp://joe:" + password + "@127.0.0.1:1/"},
		"second broker unreadable": {"AMQP_URL": "amqp://127.0.0.1:1/,amqp://joe:" + password + "@127.0.0.1:port/"},
		"broker without scheme":    {"AMQP_URL": "joe:" + password + "@127.0.0.1:1/"},
		"secret too short":         {"INTEGR8_SECRET": "hunter2"},
		"one secret too short":     {"INTEGR8_SECRET": "hunter2 and so on and on, hunter2"},
	} {
		t.Run(name, func(t *testing.T) {
			p := &program{t: t, environment: environment}
			for _, command := range [][]string{
				{"migrate"}, {"topology"}, {"queues"}, {"doctor"}, {"account", "list"}, {"receive"}, {"work"}, {"up"},
				{"token", "create", "--account", "1"}, {"token", "show", "1"},
			} {
				got := p.run(command...)
				require.Equal(t, exitFailed, got.code, "%v: %s", command, got.stdout)
				require.NotContains(t, got.stdout+got.stderr, "hunter2", "%v", command)
			}
		})
	}
}

func TestAMissingSettingIsNamedWithWhatToSet(t *testing.T) {
	t.Parallel()
	p := &program{t: t, environment: map[string]string{}}
	for command, want := range map[string]string{
		"migrate":  "export DATABASE_URL=postgres://",
		"topology": "export AMQP_URL=amqp://",
		"work":     "openssl rand -hex 32",
	} {
		got := p.run(command)
		require.Equal(t, exitFailed, got.code)
		require.Contains(t, got.stderr, "is not set\nhint: ")
		require.Contains(t, got.stderr, want)
	}
}

func TestPublicURLDefaultsToTheAddress(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ addr, public, want string }{
		{"127.0.0.1:8080", "", "http://127.0.0.1:8080"},
		{":8080", "", "http://localhost:8080"},
		{"0.0.0.0:80", "", "http://localhost:80"},
		{"[::]:80", "", "http://localhost:80"},
		{"[::1]:80", "", "http://[::1]:80"},
		{"nonsense", "", ""},
		{"x:1", "https://track.example/", "https://track.example"},
		{"x:1", "https://track.example/way", "https://track.example/way"},
		{"x:1", "track.example", ""},
		{"x:1", "ftp://track.example", ""},
		{"x:1", "https://joe@track.example", ""},
		{"x:1", "https://", ""},
	} {
		base, err := (&settings{Addr: test.addr, PublicURL: test.public}).publicURL()
		if test.want == "" {
			require.Error(t, err, test)
			continue
		}
		require.NoError(t, err, test)
		require.Equal(t, test.want, base.String())
	}
}

func TestSettingsAreReadInTheirOwnUnits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"0": 0, "90s": 90 * time.Second, "1.5h": 90 * time.Minute, "30d": 720 * time.Hour, "1d12h": 36 * time.Hour, "250ms": 250 * time.Millisecond,
	} {
		duration, err := parseDuration(text)
		require.NoError(t, err, text)
		require.Equal(t, want, duration, text)
	}
	for _, text := range []string{"", "30", "-1h", "d", "soon", "1h1d"} {
		_, err := parseDuration(text)
		require.Error(t, err, text)
	}

	for text, want := range map[string]byteSize{"65536": 65536, "64KiB": 65536, "2GiB": 2 << 30, "8k": 8192} {
		var size byteSize
		require.NoError(t, size.UnmarshalText([]byte(text)), text)
		require.Equal(t, want, size, text)
	}
	require.Error(t, new(byteSize).UnmarshalText([]byte("-1")))
	require.Error(t, new(byteSize).UnmarshalText([]byte("much")))

	for text, want := range map[string]string{
		"10.0.0.1": "10.0.0.1/32", " 10.1.2.3/8": "10.0.0.0/8", "::1": "::1/128", "::ffff:10.0.0.1": "10.0.0.1/32",
	} {
		var proxy trustedProxy
		require.NoError(t, proxy.UnmarshalText([]byte(text)), text)
		require.Equal(t, netip.MustParsePrefix(want), proxy.Prefix, text)
	}
	require.Error(t, new(trustedProxy).UnmarshalText([]byte("proxy.example")))
}

// A value that is cut down to what fits, or taken for its default, would be
// found out by its effects only: a prefetch of 65536 was 0, which is no bound.
func TestASettingOutsideItsRangeIsRefusedByName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ variable, value, want string }{
		{"INTEGR8_PREFETCH", "65536", "--prefetch: it must be from 1 to 65535 (from INTEGR8_PREFETCH)"},
		{"INTEGR8_PREFETCH", "0", "from 1 to 65535"},
		{"INTEGR8_PREFETCH", "-1", "from 1 to 65535"},
		{"INTEGR8_BATCH_HITS", "0", "from 1 to"},
		{"INTEGR8_BATCH_HITS", "-5", "from 1 to"},
		{"INTEGR8_MAX_PER_SENDER", "-1", "from 0 to"},
		{"INTEGR8_JUNK_RATE", "-1", "from 0 to"},
		{"INTEGR8_MAX_CONNECTIONS", "-1", "from 0 to"},
		{"INTEGR8_MAX_CONNECTIONS_PER_SENDER", "0", "from 1 to"},
		{"INTEGR8_MAX_BYTES_UNDER_WAY", "0", "from 1MiB to"},
		{"INTEGR8_MAX_URL_BYTES", "0", "from 1KiB to"},
		{"INTEGR8_MAX_URL_BYTES", "4GiB", "to 256KiB"},
		{"INTEGR8_MAX_BODY_BYTES", "0", "from 1KiB to"},
		{"INTEGR8_MAX_BODY_BYTES", "20GiB", "to 8MiB"},
		{"INTEGR8_QUEUE_MAX_BYTES", "0", "from 64KiB to"},
		{"INTEGR8_SPOOL_MAX_BYTES", "2000PiB", "to 1PiB"},
		{"INTEGR8_CONFIRM_TIMEOUT", "0s", "from 100ms to 5m"},
		{"INTEGR8_SPOOL_AFTER", "0s", "from 1ms to 1m"},
		{"INTEGR8_SHUTDOWN_TIMEOUT", "0s", "from 1s to 1h"},
		{"INTEGR8_SHUTDOWN_TIMEOUT", "100d", "from 1s to 1h"},
		{"INTEGR8_DRAIN_DELAY", "2h", "from 0s to 1h"},
		{"INTEGR8_LATE_CLICKS", "100y", "to 365d"},
	} {
		got := (&program{t: t, environment: map[string]string{test.variable: test.value}}).run("version")
		require.Equal(t, exitUsage, got.code, "%s=%s", test.variable, test.value)
		require.Contains(t, got.stderr, test.want)
		require.Contains(t, got.stderr, test.variable)
	}
	p := &program{t: t, environment: map[string]string{"INTEGR8_PREFETCH": "65535", "INTEGR8_SPOOL_MAX_BYTES": "0", "INTEGR8_DRAIN_DELAY": "0"}}
	require.Equal(t, exitOK, p.run("version").code, "what is in range is taken")
	require.Equal(t, exitUsage, p.run("queues", "--interval", "0s").code)
}

// A number or a size without a range is how the next one slips in.
func TestEverySettingWithAMagnitudeHasARange(t *testing.T) {
	t.Parallel()
	for field := range reflect.TypeFor[settings]().Fields() {
		switch field.Type {
		case reflect.TypeFor[int](), reflect.TypeFor[byteSize](), reflect.TypeFor[time.Duration]():
			require.NotEmpty(t, field.Tag.Get("range"), field.Name)
		}
	}
}

// settingsOfCommands are those that no process reads from its options: commands use
// them, or what is made of them is.
var settingsOfCommands = []string{
	"Timeout",                                         // commands only
	"SpoolDir", "PublicURL", "DoorsURL", "ReplicaURL", // serve completes the options with them
	"LogLevel", "LogFormat", // in the logger
}

// TestEverySettingReachesTheProcesses sets each setting alone to a value that is not its
// default, by reflection.
func TestEverySettingReachesTheProcesses(t *testing.T) {
	t.Parallel()
	standard := defaultSettings(t)
	want := optionsOf(t, standard)
	for field := range reflect.TypeFor[settings]().Fields() {
		changed := standard
		change(t, reflect.ValueOf(&changed).Elem().FieldByIndex(field.Index))
		if slices.Contains(settingsOfCommands, field.Name) {
			require.Equal(t, want, optionsOf(t, changed), "%s reaches the processes: it is none of settingsOfCommands", field.Name)
		} else {
			require.NotEqual(t, want, optionsOf(t, changed), "processOptions forgets %s", field.Name)
		}
	}
}

// change gives a setting a value that it did not have.
func change(t *testing.T, value reflect.Value) {
	t.Helper()
	switch value.Kind() {
	case reflect.String:
		value.SetString(value.String() + "x")
	case reflect.Bool:
		value.SetBool(!value.Bool())
	case reflect.Int, reflect.Int64:
		value.SetInt(value.Int() + 1)
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), 1, 1))
	default:
		t.Fatalf("change needs a case for a setting of type %s", value.Type())
	}
}

// TestSettingsDefaultToWhatTheProcessesDo compares the defaults of the flags with those of
// a program that is not the command line.
func TestSettingsDefaultToWhatTheProcessesDo(t *testing.T) {
	t.Parallel()
	got := optionsOf(t, defaultSettings(t)).Options
	for _, trusted := range []*[]netip.Prefix{&got.Receiver.TrustedProxies, &got.Web.TrustedProxies} {
		require.Empty(t, *trusted)
		*trusted = nil
	}
	want := app.Defaults()
	require.Nil(t, got.Web.PublicURL)
	base, err := new(defaultSettings(t)).publicURL()
	require.NoError(t, err)
	got.Web.PublicURL, got.Web.DoorsURL = base, base
	want.DatabaseURL, want.AMQPURL = got.DatabaseURL, got.AMQPURL
	require.Equal(t, want, got)
}

// defaultSettings returns the settings of a command line that has only those that are
// required.
func defaultSettings(t *testing.T) settings {
	t.Helper()
	var tree grammar
	parser, err := tree.parser(&environment{lookup: func(string) (string, bool) { return "", false }})
	require.NoError(t, err)
	_, err = parser.Parse([]string{"version"})
	require.NoError(t, err)
	tree.Settings.DatabaseURL, tree.Settings.AMQPURL, tree.Settings.Secret = "postgres://host/name", "amqp://host", "a service secret for tests"
	return tree.Settings
}

// comparableOptions are the options of a process without its logger and clock, and with
// the fingerprints of its keys in their place.
type comparableOptions struct {
	app.Options
	secrets []token.Fingerprint
}

// optionsOf returns the options of a process with the settings.
func optionsOf(t *testing.T, s settings) comparableOptions {
	t.Helper()
	options, err := (&invocation{settings: &s, stderr: io.Discard}).processOptions()
	require.NoError(t, err)
	secrets := options.Keys.Fingerprints()
	options.Keys, options.Logger, options.Clock = token.Keys{}, nil, nil
	return comparableOptions{options, secrets}
}
