package reference_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/reference"
)

func TestASecretIsReadAndNeverWritten(t *testing.T) {
	t.Parallel()
	var form reference.TokenImportForm
	require.NoError(t, json.Unmarshal([]byte(`{"token":"older-Kq7Zp2Vx9","offer":3}`), &form))
	require.Equal(t, reference.Secret("older-Kq7Zp2Vx9"), form.Token)
	encoded, err := json.Marshal(form)
	require.NoError(t, err)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("a form", "form", form, "token", form.Token)
	for _, written := range []string{string(encoded), log.String(), fmt.Sprint(form), fmt.Sprintf("%v %+v %#v %s %q", form, form, form, form.Token, form.Token)} {
		require.NotContains(t, written, "Kq7")
	}
	other := form
	other.Token += "x"
	differs, err := json.Marshal(other)
	require.NoError(t, err)
	require.NotEqual(t, encoded, differs, "two requests with different tokens are two requests")
}
