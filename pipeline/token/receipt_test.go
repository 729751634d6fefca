package token_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/token"
)

func TestASignatureFitsOneReceiptUnderAnyServiceSecretThatIsKnown(t *testing.T) {
	parse := func(list string) token.Keys {
		keys, err := token.ParseKeys(list)
		require.NoError(t, err)
		return keys
	}
	before, during, after := parse("the first service secret"), parse("the second service secret,the first service secret"), parse("the second service secret")
	id := uuid.Must(uuid.NewV7())
	signature := before.SignReceipt(id)
	require.Len(t, signature, 32)
	require.True(t, before.VerifiesReceipt(id, signature))
	require.True(t, before.VerifiesReceipt(id, strings.ToUpper(signature)))
	require.True(t, during.VerifiesReceipt(id, signature))
	require.False(t, after.VerifiesReceipt(id, signature))
	require.True(t, after.VerifiesReceipt(id, during.SignReceipt(id)))
	require.False(t, before.VerifiesReceipt(uuid.Must(uuid.NewV7()), signature))
	for _, wrong := range []string{"", "x", signature[:30], signature + "00", strings.Repeat("0", 32)} {
		require.False(t, before.VerifiesReceipt(id, wrong), wrong)
	}
	require.False(t, token.Keys{}.VerifiesReceipt(id, signature))
}
