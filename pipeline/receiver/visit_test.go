package receiver

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestATargetMayBeAWholeURLWhoseHostCounts(t *testing.T) {
	t.Parallel()
	d := open(t)
	r := d.raw("GET http://"+pixelHost+":8080/pixel?secure="+d.token+"&transaction_id="+d.id().String()+" HTTP/1.1\r\nHost: other.example\r\n\r\n", 1)[0]
	require.Equal(t, 200, r.status, r.body)
	require.Equal(t, pixelHost+":8080", d.only().Host)
}

func TestAPathIsDecodedAndAQueryIsNot(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]visit{
		"/":                        {path: "/"},
		"/?":                       {path: "/"},
		"/a%2Fb?c=%2F?d":           {path: "/a/b", query: "c=%2F?d"},
		"/p%6Fstback?a=1#b":        {path: "/postback", query: "a=1#b"},
		"http://h.example/p?q=%20": {path: "/p", query: "q=%20", host: "h.example"},
		"//h.example/p":            {path: "//h.example/p"},
	} {
		v := visit{target: target}
		require.NoError(t, v.split(), target)
		require.Equal(t, want.path, v.path, target)
		require.Equal(t, want.query, v.query, target)
		require.Equal(t, want.host, v.host, target)
	}
	v := visit{target: "/%zz"}
	require.Error(t, v.split())
}

// The standard library splits a target in the same way, except a path that begins like
// a host, which is a path here.
func FuzzTarget(f *testing.F) {
	for _, target := range []string{"/", "/a%20b?c=d", "http://h.example/p?q", "*", "//h/p", "/%zz", "/a;b?#"} {
		f.Add(target)
	}
	f.Fuzz(func(t *testing.T, target string) {
		for _, letter := range target {
			if letter < ' ' || letter == 0x7f {
				return // the server refuses such a request
			}
		}
		v := visit{target: target}
		err := v.split()
		want, wrong := url.ParseRequestURI(target)
		if wrong != nil || strings.HasPrefix(target, "//") {
			return
		}
		require.NoError(t, err)
		require.Equal(t, want.Path, v.path)
		require.Equal(t, want.RawQuery, v.query)
		require.Equal(t, want.Host, v.host)
	})
}
