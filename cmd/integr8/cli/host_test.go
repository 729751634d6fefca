package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAHostWithMoreThanANameSaysWhatBecomesOfIt(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.environment["INTEGR8_PUBLIC_URL"] = " https://track.example:9443/ "
	p.shop()
	p.succeed("domain", "create", "--account", "1", "--host", "first.example.com")
	const alone = "integr8: a tracking domain is a host, without a scheme and a path\nhint: name the host alone: `--host t.example.com`\n"
	for written, want := range map[string]string{
		"https://t.example.com":           alone,
		"https://t.example.com/":          alone,
		"http://t.example.com:8080/pixel": alone,
		"t.example.com/":                  alone,
		"t.example.com/pixel?x=1":         alone,
		"https://me:secret@t.example.com": alone,
		"me:secret@t.example.com":         alone,
		"//t.example.com":                 "integr8: the host is empty\n",
		":80":                             "integr8: the host is empty\n",
		"[::1]:80":                        "integr8: a tracking domain is a host name, and ::1 is an IP address\nhint: name a host that leads to it: `--host track.example.com`\n",
		"[2001:db8::1]":                   "a tracking domain is a host name, and 2001:db8::1 is an IP address",
		"2001:db8::1":                     "a tracking domain is a host name, and 2001:db8::1 is an IP address",
		"https://[::1]:80/pixel":          "a tracking domain is a host name, and ::1 is an IP address",
		"t.example.com:80:90":             `integr8: "t.example.com:80:90" is not a host`,
		"":                                "integr8: the host is empty\nhint: name the host alone: `--host track.example.com`\n",
		"  ":                              "integr8: the host is empty\n",
		"t .example.com":                  `integr8: "t .example.com" is not a host`,
	} {
		for _, args := range [][]string{{"domain", "create", "--account", "1", "--host", written}, {"domain", "edit", "1", "--host", written}} {
			got := p.run(args...)
			require.Equal(t, exitFailed, got.code, "%v", args)
			require.Contains(t, got.stderr, want, "%v", args)
			require.NotContains(t, got.stderr, "secret")
			require.NotContains(t, got.stderr, "warning", "what is refused is not mended: %v", args)
		}
	}
	for written, want := range map[string]string{
		"T.example.com:8443": "warning: the port 8443 is left out: pixels are taken at every port of T.example.com, and the tags of tokens have the port of INTEGR8_PUBLIC_URL\n",
		" t.example.com. ":   "",
		"t.example.com:":     "",
		"t.example.com":      "",
	} {
		got := p.run("domain", "edit", "1", "--host", written)
		require.Equal(t, result{stdout: got.stdout, stderr: want}, got, written)
		require.Equal(t, "t.example.com", p.object("domain", "show", "1")["host"])
	}
	p.succeed(offerArguments("--revenue=4")...)
	p.succeed("token", "create", "--account", "1", "--for", "pixel")
	require.Contains(t, p.succeed("token", "show", "--account", "1"), `<img src="https://t.example.com:9443/pixel?secure=`)
}

func TestLinksNeedABaseToWhichTheyCanBeAdded(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	for _, base := range []string{"track.example", "https://", "https://track.example/?x=1", "https://track.example/#x", "https://me@track.example", "ftp://track.example"} {
		p.environment["INTEGR8_PUBLIC_URL"] = base
		got := p.run("offer", "show", "1")
		require.Equal(t, result{code: exitFailed, stderr: "integr8: INTEGR8_PUBLIC_URL cannot be read\nhint: it must look like https://track.example.com\n"}, got, base)
	}
}
