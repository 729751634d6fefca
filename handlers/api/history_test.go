package api

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/history"
)

func TestTheHistoryIsAskedForByEveryNoun(t *testing.T) {
	t.Parallel()
	field, _ := reflect.TypeFor[historyAsked]().FieldByName("Noun")
	var nouns []history.Noun
	for name := range strings.SplitSeq(field.Tag.Get("enum"), ",") {
		nouns = append(nouns, history.Noun(name))
	}
	require.Equal(t, history.Nouns(), nouns)
}
