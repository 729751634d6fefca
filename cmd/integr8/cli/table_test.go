package cli

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestOnATerminalLongCellsAreCutSoThatALineFits(t *testing.T) {
	t.Parallel()
	name, url := strings.Repeat("Näme ", 20), "https://shop.example/"+strings.Repeat("x", 90)
	fill := func(t *table) {
		t.row("ID", "NAME", "RECEIPT", "DESTINATION")
		t.row(1, long(name), "0199f0a0-0000-7000-8000-000000000000", long(url))
		t.row(2, long("short"), "0199f0a0-0000-7000-8000-000000000001", long("https://a.example"))
		t.row()
		t.row("tracking link", url) // to be pasted
		t.row(url)
	}
	print := func(width int) string {
		var out strings.Builder
		table := &table{width: width}
		fill(table)
		require.NoError(t, table.write(&out))
		return out.String()
	}
	piped := print(0)
	require.Contains(t, piped, strings.TrimSpace(name))
	require.Equal(t, 3, strings.Count(piped, url))

	lines := strings.Split(print(120), "\n")
	for _, line := range lines[:3] {
		require.LessOrEqual(t, utf8.RuneCountInString(line), 120, line)
	}
	require.Equal(t, 120, utf8.RuneCountInString(lines[1]), "as much is shown as fits")
	require.Equal(t, 2, strings.Count(lines[1], "…"))
	require.Contains(t, lines[1], "0199f0a0-0000-7000-8000-000000000000")
	require.Contains(t, lines[2], "https://a.example")
	require.Equal(t, 2, strings.Count(strings.Join(lines[3:], "\n"), url), "what is pasted is whole")

	narrow := strings.Split(print(20), "\n")[1] // ids are whole, and names can still be told apart
	require.Contains(t, narrow, "0199f0a0-0000-7000-8000-000000000000")
	require.Contains(t, narrow, "Näme Näme N…")
}

// The widest values that there can be, but for names, URLs and hosts, which are cut.
func TestListsFitATerminalOf120Columns(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	wide := strings.Repeat("W", 200)
	p.succeed("account", "create", "--name", wide)
	p.succeed("advertiser", "create", "--account", "1", "--name", wide)
	p.succeed("publisher", "create", "--account", "1", "--name", wide)
	p.succeed(offerArguments("--name="+wide, "--payout=99999.99", "--revenue=99999.99", "--window=1d12h")...)
	p.succeed("domain", "create", "--account", "1", "--host", strings.Repeat(strings.Repeat("w", 60)+".", 3)+"example")
	p.succeed("token", "create", "--account", "1", "--for", "clickless")
	p.succeed("token", "edit", "1", "--valid-until", "2099-01-01")
	for _, list := range []string{"account", "advertiser", "publisher", "offer", "domain", "token", "secret"} {
		table := &table{width: 120}
		for line := range strings.Lines(p.succeed(list, "list")) {
			cells := []any{}
			for _, text := range strings.Split(strings.TrimSpace(line), "  ") {
				if text = strings.TrimSpace(text); text == "" {
					continue
				}
				if len(text) > 30 { // a name, a host or a URL
					cells = append(cells, long(text))
				} else {
					cells = append(cells, text)
				}
			}
			table.row(cells...)
		}
		var out strings.Builder
		require.NoError(t, table.write(&out))
		for line := range strings.Lines(out.String()) {
			require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 120, line)
		}
	}
}

func TestListsTakeFilters(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	p.succeed("account", "create", "--name", "Other")
	p.succeed("advertiser", "create", "--account", "2", "--name", "Boots")
	p.succeed("publisher", "create", "--account", "2", "--name", "News blog")
	p.succeed("publisher", "edit", "2", "--status", "paused")
	p.succeed(offerArguments("--account=2", "--advertiser=2", "--name=Winter sale", "--status=paused")...)
	p.succeed("domain", "create", "--account", "1", "--host", "a.example.com")
	p.succeed("domain", "create", "--account", "2", "--host", "b.example.com")
	p.succeed("token", "create", "--account", "1")
	p.succeed("token", "create", "--account", "1", "--offer", "1", "--for", "pixel")
	p.succeed("token", "create", "--account", "2", "--for", "clickless")
	p.succeed("token", "edit", "3", "--valid-until", "2020-01-01")
	for _, step := range []struct {
		args string
		want []float64
	}{
		{"account list --name OTH", []float64{2}}, {"account list --name zzz", []float64{}},
		{"advertiser list", []float64{1, 2}}, {"advertiser list --account 2", []float64{2}}, {"advertiser list --name shoe", []float64{1}},
		{"publisher list --name blog", []float64{1, 2}}, {"publisher list --status paused", []float64{2}},
		{"publisher list --account 1 --status paused", []float64{}},
		{"offer list", []float64{1, 2}}, {"offer list --name sale --status active", []float64{1}}, {"offer list --advertiser 2", []float64{2}},
		{"domain list --host B.", []float64{2}}, {"domain list --account 1", []float64{1}},
		{"token list", []float64{1, 2, 3}}, {"token list --offer 1", []float64{2}}, {"token list --global", []float64{1, 3}},
		{"token list --for pixel", []float64{1, 2}}, {"token list --current", []float64{1, 2}}, {"token list --account 2 --current", []float64{}},
	} {
		ids := []float64{}
		for _, row := range p.list(strings.Fields(step.args)...) {
			ids = append(ids, row["id"].(float64))
		}
		require.Equal(t, step.want, ids, step.args)
	}
	for args, code := range map[string]int{
		"offer list --advertiser 9": exitFailed, "offer list --account 1 --advertiser 2": exitFailed, "token list --offer 9": exitFailed,
		"token list --account 2 --offer 1": exitFailed, "advertiser list --account 9": exitFailed, "offer list --name=": exitUsage,
		"offer list --status=": exitUsage, "domain list --host=": exitUsage, "token list --offer 1 --global": exitUsage,
	} {
		got := p.run(strings.Fields(args)...)
		require.Equal(t, code, got.code, "%s: %s", args, got.stdout)
		require.Contains(t, got.stderr, "\nhint: ", args)
	}
}
