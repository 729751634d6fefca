package hit

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConversionIPs(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", " 192.0.2.1 ": "192.0.2.1", "2001:DB8::1": "2001:db8::1", "::ffff:192.0.2.1": "192.0.2.1",
		"192.0.2.1:80": "192.0.2.1", "[::1]": "::1", "[2001:db8::1]:443": "2001:db8::1", "fe80::1%eth0": "fe80::1", "::ffff:192.0.2.1%eth0": "192.0.2.1",
		"192.0.2.1, 198.51.100.7": "192.0.2.1", "192.0.2.1,10.0.0.1": "192.0.2.1", "2001:db8::1;192.0.2.1": "2001:db8::1", "192.0.2.1:80, 10.0.0.1:1": "192.0.2.1",
	} {
		got, err := ConversionIP(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got.String())
	}
	for _, text := range []string{
		"", "localhost", "192.0.2", "192.0.2.256", "192.0.2.01", "192.0.2.1:x", "192.0.2.1:99999", "[::1",
		"unknown, 192.0.2.1", "192.0.2.0/24", "1::2::3", ", 192.0.2.1",
	} {
		_, err := ConversionIP(text)
		require.ErrorIs(t, err, ErrInvalidIP, text)
	}
}

func FuzzConversionIP(f *testing.F) {
	f.Add("::ffff:192.0.2.1")
	f.Add("fe80::1%eth0")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := ConversionIP(text); err == nil {
			again, err := ConversionIP(got.String())
			require.NoError(t, err)
			require.Equal(t, got, again)
		}
	})
}
