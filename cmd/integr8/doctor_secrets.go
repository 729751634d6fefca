package main

import (
	"context"
	"fmt"
	"strings"

	"integr8/pipeline/hit"
	"integr8/sql/store"
)

// rotation compares the service secrets with those that processes have, and
// says which step of a change comes next.
func (e *examination) rotation(ctx context.Context, db *store.Store) {
	keys, err := e.app.settings.keys()
	if err != nil {
		return // told before
	}
	secrets, err := db.Secrets(ctx)
	if err != nil {
		e.failed("secrets", err)
		return
	}
	own := keys.Fingerprints()
	known := store.KnownSecrets(secrets)
	newest, signed := hit.NewestSigner(known)
	if !signed {
		return // no receiver has started yet
	}
	for i, secret := range known {
		switch place := here(own, secret.Fingerprint); {
		case secret.Retired:
		case secret == newest && misses(own, secret):
			e.broken("secrets", fmt.Sprintf("INTEGR8_SECRET lacks the secret %s, which signs transaction_ids since %s: a process with this list is not ready",
				secret.Fingerprint, clock(secret.SignsSince)),
				"add that secret; if it is lost for good: integr8 secret retire "+string(secret.Fingerprint))
		case misses(own, secret):
			e.warn("secrets", party{}, fmt.Sprintf("INTEGR8_SECRET lacks the secret %s, which last signed at %s: ids of that time are refused",
				secret.Fingerprint, clockOrDash(secrets[i].LastSigned)), missedHint(secret.Fingerprint))
		case place == hereVerifies && secret.SignsSince.IsZero():
			e.warn("secrets", party{}, fmt.Sprintf("the secret %s verifies since %s and does not sign yet: a change of secrets is half done",
				secret.Fingerprint, clock(secrets[i].FirstSeen)),
				"once every process has it, put it first in INTEGR8_SECRET and restart them one by one")
		case place == hereNothing && secret.SignsSince.IsZero():
			e.warn("secrets", party{}, fmt.Sprintf("processes have the secret %s, last at %s, and INTEGR8_SECRET here lacks it",
				secret.Fingerprint, clock(secrets[i].LastSeen)),
				"give every process the same secrets; if no process has it any more: integr8 secret retire "+string(secret.Fingerprint))
		}
	}
	if here(own, newest.Fingerprint) != hereNothing && !hit.Signs(known, own[0]) {
		e.warn("secrets", party{}, fmt.Sprintf("INTEGR8_SECRET signs with the secret %s, with which no receiver has signed yet", own[0]),
			"first start every process with it at the end of the list, and only then with it at the front")
	}
}

// secrets looks whether the service secrets are those that made the tokens.
func (e *examination) secrets(ctx context.Context, db *store.Store) {
	keys, err := e.app.settings.keys()
	if err != nil {
		return // told before
	}
	tokens, err := db.GeneratedTokens(ctx)
	if err != nil {
		e.failed("secrets", err)
		return
	}
	var foreign []string
	for _, token := range tokens {
		if _, ok := keys.RecoverToken(hit.Kind(token.Purpose), token.AccountID, token.OfferID, token.Generation, token.Digest); !ok {
			foreign = append(foreign, fmt.Sprint(token.ID))
		}
	}
	hint := "add the secret that made them to the end of INTEGR8_SECRET: transaction_ids of that time do not verify without it"
	switch {
	case len(foreign) == 0:
	case len(foreign) == len(tokens):
		e.broken("secrets", "INTEGR8_SECRET made none of the tokens: it is another one than the processes had", hint)
	default:
		e.warn("secrets", party{}, fmt.Sprintf("INTEGR8_SECRET did not make these tokens, which cannot be shown: %s", shortList(foreign)), hint)
	}
}

// shortList names the first few.
func shortList(items []string) string {
	const shown = 10
	if len(items) <= shown {
		return strings.Join(items, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(items[:shown], ", "), len(items)-shown)
}
