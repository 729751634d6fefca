package operate

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNoTextOfCSVIsAFormula, and every text can be had back: one apostrophe is taken off.
func TestNoTextOfCSVIsAFormula(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "A-1": "A-1", "5": "5", "mail": "mail", " x": " x",
		`=HYPERLINK("http://x")`: `'=HYPERLINK("http://x")`, "+1": "'+1", "-1": "'-1", "@SUM(1)": "'@SUM(1)", "\t=1": "'\t=1", "\r=1": "'\r=1",
		"\n=1": "'\n=1", "  =1": "'  =1", "\u00a0=1": "'\u00a0=1", "＝1": "'＝1", "'": "''", "'=1": "''=1",
	} {
		require.Equal(t, want, Guarded(text), "%q", text)
		require.Equal(t, text, strings.TrimPrefix(Guarded(text), "'"))
	}
}
