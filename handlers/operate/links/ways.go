package links

import (
	"fmt"
	"time"

	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
)

// Scope is the current tokens for all offers of an account, or for one offer, ready to
// paste. Its fields of a token are those of the token for postbacks, or, without one,
// of the first way in that has a token.
type Scope struct {
	reference.Token
	// Pixels holds a tag for each tracking domain of the account.
	Pixels       []string `json:"pixels"`
	ClicklessURL string   `json:"clickless_url,omitempty"`
	// Problem says why the token cannot be shown.
	Problem string `json:"problem,omitempty"`
	// Ways are the ways in that a token serves.
	Ways []Way `json:"ways"`
}

// Way is a way in with its token.
type Way struct {
	Way     hit.Kind  `json:"way"`
	TokenID int64     `json:"token_id"`
	Purpose *hit.Kind `json:"purpose"`
	Token   string    `json:"token,omitempty"`
	// Paste holds the URLs, or the tags of the pixel.
	Paste []string `json:"paste"`
	// Note warns of what the token allows or does not allow.
	Note    string `json:"note,omitempty"`
	Problem string `json:"problem,omitempty"`
}

// ways are the ways in that take a token, in the order in which they are shown.
var ways = []hit.Kind{hit.Postback, hit.Pixel, hit.Clickless}

// currentTokens returns, for each scope, the newest valid token for each purpose. The
// scopes are in the order of their first tokens. An imported token, which cannot be
// shown, is only chosen when there is no other.
func currentTokens(tokens []reference.StoredToken, now time.Time) [][]reference.StoredToken {
	type place struct {
		offer   int64
		purpose hit.Kind
	}
	best := map[place]reference.StoredToken{}
	var scopes []int64
	seen := map[int64]bool{}
	for _, token := range tokens { // by id, so that later ones are newer
		if !token.ValidUntil.IsZero() && !token.ValidUntil.After(now) {
			continue
		}
		if !seen[token.OfferID] {
			seen[token.OfferID] = true
			scopes = append(scopes, token.OfferID)
		}
		at := place{token.OfferID, token.Purpose}
		if token.Generation != 0 || best[at].Generation == 0 {
			best[at] = token
		}
	}
	current := make([][]reference.StoredToken, 0, len(scopes))
	for _, offer := range scopes {
		var scope []reference.StoredToken
		for _, purpose := range append([]hit.Kind{""}, ways...) {
			if token, ok := best[place{offer, purpose}]; ok {
				scope = append(scope, token)
			}
		}
		current = append(current, scope)
	}
	return current
}

// tokenFor returns the token that is shown for a way in: one with that purpose, else
// one that serves every way.
func tokenFor(way hit.Kind, scope []reference.StoredToken) (chosen reference.StoredToken, ok bool) {
	for _, token := range scope {
		if token.Serves(way) && (!ok || token.Purpose == way) {
			chosen, ok = token, true
		}
	}
	return chosen, ok
}

// scope shows the tokens of one scope, of which there is at least one.
func (t Tokens) scope(tokens []reference.StoredToken, domains []reference.Domain, n needs) Scope {
	shown := Scope{Pixels: []string{}, Ways: []Way{}}
	for _, way := range ways {
		token, ok := tokenFor(way, tokens)
		if !ok {
			continue
		}
		part := t.way(way, token, domains, n)
		if len(shown.Ways) == 0 {
			shown.Token = token.Shown()
			shown.Token.Token, shown.Problem = part.Token, part.Problem
		}
		shown.Ways = append(shown.Ways, part)
		switch {
		case part.Problem != "":
		case way == hit.Postback:
			shown.URL = part.Paste[0]
		case way == hit.Pixel:
			shown.Pixels = part.Paste
		default:
			shown.ClicklessURL = part.Paste[0]
		}
	}
	return shown
}

// way shows a token for one way in.
func (t Tokens) way(way hit.Kind, token reference.StoredToken, domains []reference.Domain, n needs) Way {
	shown := Way{Way: way, TokenID: token.ID, Purpose: token.Shown().Purpose, Paste: []string{}}
	if shown.Token, shown.Problem = t.recover(token); shown.Problem != "" {
		return shown
	}
	shown.Paste = t.paste(way, token, shown.Token, domains, n)
	shown.Note = noteOf(way, token, n)
	if len(shown.Paste) == 0 {
		shown.Note = n.refused(token.Purpose)
	}
	return shown
}

// recover derives a token, or returns why it cannot be shown.
func (t Tokens) recover(token reference.StoredToken) (secure, problem string) {
	if token.Generation == 0 {
		return "", fmt.Sprintf("token %d was imported, so that only its digest is known and it cannot be shown", token.ID)
	}
	secure, ok := t.Keys.RecoverToken(string(token.Purpose), token.AccountID, token.OfferID, token.Generation, token.Digest)
	if !ok {
		return "", fmt.Sprintf("token %d was made with a service secret that INTEGR8_SECRET no longer lists, and cannot be shown", token.ID)
	}
	if t.masked {
		return Mask, ""
	}
	return secure, ""
}

func (t Tokens) paste(way hit.Kind, token reference.StoredToken, secure string, domains []reference.Domain, n needs) []string {
	switch way {
	case hit.Postback:
		return []string{t.Base.postback(secure, n)}
	case hit.Clickless:
		return []string{t.Base.clickless(secure, token.OfferID, n)}
	}
	tags := []string{}
	if token.Purpose == hit.Pixel && len(n.percent) > 0 && !n.fixed {
		return tags // it would convert nothing
	}
	for _, domain := range domains {
		tags = append(tags, pixelTag(t.Base.pixel(domain.Host, secure, token.Purpose, n)))
	}
	return tags
}

// noteOf returns a note on what a token for pixels cannot do, or on what a token
// without a purpose allows.
func noteOf(way hit.Kind, token reference.StoredToken, n needs) string {
	if token.Purpose != "" {
		return n.refused(token.Purpose)
	}
	switch way {
	case hit.Pixel:
		return fmt.Sprintf("Everybody can read a pixel, and token %d serves every way in, clickless too: make one for pixels with %s",
			token.ID, reference.CreateTokenCommand(token.AccountID, token.OfferID, hit.Pixel))
	case hit.Clickless:
		return "revenue and payout count with a token made for clickless, or where the offer has `--own-amounts`: " +
			reference.CreateTokenCommand(token.AccountID, token.OfferID, hit.Clickless)
	default:
		return ""
	}
}
