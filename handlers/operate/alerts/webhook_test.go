package alerts_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/alerts"
)

func TestTheHistoryHoldsNoSecretOfAWebhooksAddress(t *testing.T) {
	t.Parallel()
	hook := alerts.Webhook{ID: 3, URL: "https://hooks.example:8443/services/S3CRET?key=S3CRET#S3CRET"}
	require.Equal(t, alerts.Webhook{ID: 3, URL: "https://hooks.example:8443"}, hook.Masked())
}
