package token

import (
	"encoding/base64"
	"fmt"
)

// WebhookMark begins the secret of a webhook, as Standard Webhooks has it.
const WebhookMark = "whsec_"

// WebhookSecrets derives the secrets of a webhook, one from each service secret, the
// newest first. A recipient needs one of them: notices are signed with all.
func (k Keys) WebhookSecrets(webhook int64) []string {
	derived := make([]string, len(k.secrets))
	for i, secret := range k.secrets {
		derived[i] = WebhookMark + base64.StdEncoding.EncodeToString(secret.sign(fmt.Appendf(nil, "integr8 webhook %d", webhook)))
	}
	return derived
}
