package links

import (
	"context"
	"time"

	"integr8/handlers/operate/reference"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
)

// Secret returns the current token for a way in, with the secret: one of an offer, or with
// offer 0 a global one. An error says how to make one.
func (t Tokens) Secret(ctx context.Context, account, offer int64, way hit.Kind) (secure string, err error) {
	tokens, err := t.Store.Tokens(ctx, account)
	if err != nil {
		return "", err
	}
	for _, scope := range currentTokens(tokens, time.Now()) {
		if scope[0].OfferID != offer {
			continue
		}
		chosen, ok := tokenFor(way, scope)
		if !ok {
			continue
		}
		secure, problem := t.recover(chosen)
		if problem != "" {
			return "", cannotBeShown(account, problem)
		}
		return secure, nil
	}
	missing := reference.Refuse(reference.ErrNotFound, "account %d has no valid global token for a %s", account, way)
	if offer != 0 {
		missing = reference.Refuse(reference.ErrNotFound, "offer %d has no valid token of its own for a %s", offer, way)
	}
	return "", failure.WithHint(missing, reference.CreateTokenCommand(account, offer, "")+" makes one")
}

// Door returns the address of a door with these parameters, names and values in turn.
func (b Base) Door(door string, parameters ...string) string {
	return doorURL(b.URL, door, parameters...)
}
