package redact

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEntitiesInARowWithoutSemicolonsAreUndone: only the last of them is followed by
// something else than an entity.
func TestEntitiesInARowWithoutSemicolonsAreUndone(t *testing.T) {
	for text, want := range map[string]string{
		"&#65&#66&#67x":     "ABCx",
		"&#65&#x42&#X43":    "ABC",
		"a&#8364&#228-":     "a\u20ac\u00e4-",
		"&#65&#0&#66-":      "&#65&#0B-",
		"&#65a&#66-":        "AaB-",
		"&#64&#49-":         "@1-",
		"&#&#54&#52-":       "@-", // of the entity around them
		"&#128077&#128077-": "\U0001F44D\U0001F44D-",
	} {
		require.Equal(t, want, decodeView(text).text, text)
	}
	v := decodeView("x&#65&#66&#67y")
	require.Equal(t, []int{0, 1, 5, 9, 13, 14}, v.starts, "each character knows where it stood")
}
