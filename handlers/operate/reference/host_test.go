package reference

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNormalizeHost(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"track.example.com":      "track.example.com",
		" Track.Example.COM. ":   "track.example.com",
		"track.example.com:8443": "track.example.com",
		"TRÄCK.example":          "xn--trck-moa.example",
		"xn--trck-moa.example":   "xn--trck-moa.example",
		"localhost":              "localhost",
		"127.0.0.1:8080":         "127.0.0.1",
		"":                       "",
		".":                      "",
		"https://a.example":      "",
		"a.example/pixel":        "",
		"user@a.example":         "",
		"a b.example":            "",
		"a..example":             "",
		"under_score.example":    "",
		"a.example?x":            "",
		"-a.example":             "",
		"a.example\x00":          "",
		"\xff.example":           "",
	} {
		host, err := NormalizeHost(text)
		if want == "" {
			require.ErrorIs(t, err, ErrInvalid, "%q", text)
			continue
		}
		require.NoError(t, err, "%q", text)
		require.Equal(t, want, host, "%q", text)
	}
}

func FuzzNormalizeHost(f *testing.F) {
	for _, seed := range []string{"track.example.com", "TRÄCK.example:80", "127.0.0.1", "[::1]:80", "xn--", "a.."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		host, err := NormalizeHost(text)
		if err != nil {
			require.ErrorIs(t, err, ErrInvalid)
			return
		}
		again, err := NormalizeHost(host)
		require.NoError(t, err, "%q gave %q", text, host)
		require.Equal(t, host, again)
		require.Regexp(t, `^[a-z0-9.-]+$`, host)
	})
}
