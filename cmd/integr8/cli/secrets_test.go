package cli

import (
	"reflect"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNoSettingThatIsASecretIsPrinted: each setting that is named for a secret, and the
// password in each that is an address of a server.
func TestNoSettingThatIsASecretIsPrinted(t *testing.T) {
	t.Parallel()
	secretName, serverName := regexp.MustCompile(`SECRET|PASSWORD`), regexp.MustCompile(`^(DATABASE_URL|INTEGR8_REPLICA_URL|AMQP_URL|INTEGR8_MANAGEMENT_URL)$`)
	found := 0
	for _, field := range reflect.VisibleFields(reflect.TypeFor[settings]()) {
		name := field.Tag.Get("env")
		var given settings
		value := ""
		switch {
		case secretName.MatchString(name):
			value = "kept to myself"
		case serverName.MatchString(name):
			value = "amqp://joe:kept%20to%20myself@host:1/"
		default:
			continue
		}
		found++
		reflect.ValueOf(&given).Elem().FieldByIndex(field.Index).SetString(value)
		inv := &invocation{settings: &given}
		require.Equal(t, "*** and ***", inv.hideSecrets("kept to myself and kept to myself"), name)
	}
	require.Equal(t, 6, found)
}
