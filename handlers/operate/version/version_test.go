package version_test

import (
	"encoding/json"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/version"
)

func TestTheVersionNamesTheGoThatBuiltIt(t *testing.T) {
	t.Parallel()
	require.Equal(t, runtime.Version(), version.Read().Go)
}

// TestTheJSONOfTheVersionStaysAsItWas: scripts read it.
func TestTheJSONOfTheVersionStaysAsItWas(t *testing.T) {
	t.Parallel()
	built := version.Version{Version: "v1.2.3", Revision: "0a1b2c", Go: "go1.26.0"}
	text, err := json.Marshal(built)
	require.NoError(t, err)
	require.Equal(t, `{"version":"v1.2.3","revision":"0a1b2c","go":"go1.26.0"}`, string(text))
	require.Equal(t, "integr8 v1.2.3 (commit 0a1b2c, go1.26.0)", built.String())
}
