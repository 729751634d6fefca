package doctor

import (
	"context"
	"fmt"
	"strings"

	"integr8/handlers/operate"
	"integr8/handlers/operate/secrets"
	"integr8/pipeline/token"
)

// rotation compares the service secrets here with those of the processes, and says
// which step of a change of secrets comes next.
func (e *examination) rotation(ctx context.Context, db Store) {
	keys := e.system.Keys
	if keys.IsZero() {
		return
	}
	records, err := db.Secrets(ctx)
	if err != nil {
		e.failed("secrets", err)
		return
	}
	own := keys.Fingerprints()
	known := secrets.Known(records)
	newest, signed := token.NewestSigner(known)
	if !signed {
		return // no receiver has started yet
	}
	for i, secret := range known {
		switch here := secrets.PlaceOf(own, secret.Fingerprint); {
		case secret.Retired:
		case secret == newest && secret.MissedBy(own):
			e.broken("secrets", fmt.Sprintf("INTEGR8_SECRET lacks the secret %s, which signs transaction_ids since %s: a process with this list is not ready",
				secret.Fingerprint, operate.Clock(secret.SignsSince)),
				"add that secret; if it is lost for good: `integr8 secret retire "+string(secret.Fingerprint)+"`")
		case secret.MissedBy(own):
			e.warn("secrets", Party{}, fmt.Sprintf("INTEGR8_SECRET lacks the secret %s, which last signed at %s: ids of that time are refused",
				secret.Fingerprint, lastSigned(records[i])), operate.MissedSecretHint(secret.Fingerprint))
		case here == secrets.Verifies && secret.SignsSince.IsZero():
			e.warn("secrets", Party{}, fmt.Sprintf("the secret %s verifies since %s and does not sign yet: a change of secrets is half done",
				secret.Fingerprint, operate.Clock(records[i].FirstSeen)),
				"once every process has it, put it first in INTEGR8_SECRET and restart them one by one")
		case here == secrets.Nowhere && secret.SignsSince.IsZero():
			e.warn("secrets", Party{}, fmt.Sprintf("processes have the secret %s, last at %s, and INTEGR8_SECRET here lacks it",
				secret.Fingerprint, operate.Clock(records[i].LastSeen)),
				"give every process the same secrets; if no process has it any more: `integr8 secret retire "+string(secret.Fingerprint)+"`")
		}
	}
	if secrets.PlaceOf(own, newest.Fingerprint) != secrets.Nowhere && !token.Signs(known, own[0]) {
		e.warn("secrets", Party{}, fmt.Sprintf("INTEGR8_SECRET signs with the secret %s, with which no receiver has signed yet", own[0]),
			"first start every process with it at the end of the list, and only then with it at the front")
	}
}

// secrets checks whether the service secrets here made the tokens.
func (e *examination) secrets(ctx context.Context, db Store) {
	keys := e.system.Keys
	if keys.IsZero() {
		return
	}
	tokens, err := db.GeneratedTokens(ctx)
	if err != nil {
		e.failed("secrets", err)
		return
	}
	var foreign []string
	for _, token := range tokens {
		if _, ok := keys.RecoverToken(string(token.Purpose), token.AccountID, token.OfferID, token.Generation, token.Digest); !ok {
			foreign = append(foreign, fmt.Sprint(token.ID))
		}
	}
	hint := "add the secret that made them to the end of INTEGR8_SECRET: transaction_ids of that time do not verify without it"
	switch {
	case len(foreign) == 0:
	case len(foreign) == len(tokens):
		e.broken("secrets", "INTEGR8_SECRET made none of the tokens: it is another one than the processes had", hint)
	default:
		e.warn("secrets", Party{}, fmt.Sprintf("INTEGR8_SECRET did not make these tokens, which cannot be shown: %s", shortList(foreign)), hint)
	}
}

// lastSigned writes when a secret last signed.
func lastSigned(secret secrets.Secret) string {
	if secret.LastSigned == nil {
		return "-"
	}
	return operate.Clock(*secret.LastSigned)
}

// shortList lists the first few items.
func shortList(items []string) string {
	const shown = 10
	if len(items) <= shown {
		return strings.Join(items, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(items[:shown], ", "), len(items)-shown)
}
