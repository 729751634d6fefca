package cli

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/audit"
	"integr8/handlers/operate/rollup"
)

func TestARollupThatWasTamperedWithIsNamedAndCountedAnew(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	const sales = 3
	for range sales {
		s.get("/", "secure", s.Global, "transaction_id", s.click())
	}
	s.balances(func(b audit.Balance) bool { return b.Settled == 2*sales })
	check := func() (code int, checked rollup.Checked) {
		t.Helper()
		code, text, stderr := s.command("rollup", "check", "--json")
		require.NoError(t, json.Unmarshal([]byte(text), &checked), stderr)
		return code, checked
	}
	code, checked := check()
	require.Zero(t, code, "%+v", checked)
	require.Zero(t, checked.Total)

	const cent = "0.01"
	_, err := s.db.Exec(`INSERT INTO rollup_deltas SELECT minute, account_id, offer_id, publisher_id, kind, outcome, reason, currency, 0, 0, $1, 0
		FROM rollup_deltas WHERE outcome = 'converted' LIMIT 1`, cent)
	require.NoError(t, err)
	code, checked = check()
	require.Equal(t, 1, code)
	require.NotEmpty(t, checked.Differences)
	for _, difference := range checked.Differences {
		require.Equal(t, "-"+cent, difference.Revenue.String())
		require.Zero(t, difference.Hits)
	}

	var rebuilt rollup.Rebuilt
	s.answers(&rebuilt, "rollup", "rebuild", "--since", "1h")
	require.Equal(t, checked.Total, rebuilt.Corrected)
	code, checked = check()
	require.Zero(t, code, "%+v", checked)
	code, _, stderr := s.command("rollup", "rebuild")
	require.Zero(t, code, stderr)
	code, checked = check()
	require.Zero(t, code, "nothing is counted twice: %+v", checked)
}
