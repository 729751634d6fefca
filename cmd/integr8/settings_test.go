package main

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNoErrorShowsAPasswordOrASecret(t *testing.T) {
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
