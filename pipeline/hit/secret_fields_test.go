package hit_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/redact"
)

// TestNoTextFieldTakesASecret puts secrets into each field that is made of text,
// by reflection.
func TestNoTextFieldTakesASecret(t *testing.T) {
	secure := hit.TestKeys(t).Token(1, 0, 1)
	for name, redacted := range hit.Redacted() {
		h := &hit.Hit{ID: uuid.New(), Kind: hit.Postback, ReceivedAt: time.Now()}
		if !hit.SetText(reflect.ValueOf(h).Elem().FieldByName(name), "x joe@example.com "+secure+" y") {
			require.False(t, redacted, "%s holds no text", name)
			continue
		}
		redact.Redactor{}.Hit(h)
		data, err := h.Encode()
		if name == "Kind" { // it is one of four words
			require.ErrorIs(t, err, hit.ErrUnencodable)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, redacted, !strings.Contains(string(data), "joe@") && !strings.Contains(string(data), secure), name)
	}
}
