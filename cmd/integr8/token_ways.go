package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

// shownScope is what is ready to paste for every offer of an account, or for
// one. The fields of a token are those of the postback's, or where there is
// none, of the first way in that has one.
type shownScope struct {
	tokenView
	// Pixels holds a tag for each tracking domain of the account.
	Pixels       []string `json:"pixels"`
	ClicklessURL string   `json:"clickless_url,omitempty"`
	// Problem says why the token cannot be shown.
	Problem string `json:"problem,omitempty"`
	// Ways are the ways in that a token serves.
	Ways []shownWay `json:"ways"`
}

// shownWay is a way in with the token for it.
type shownWay struct {
	Way     attribution.Method  `json:"way"`
	TokenID int64               `json:"token_id"`
	Purpose *attribution.Method `json:"purpose"`
	Token   string              `json:"token,omitempty"`
	// Paste are the URLs, or the pixel's tags.
	Paste []string `json:"paste"`
	// Note warns of what the token can do, or cannot.
	Note    string `json:"note,omitempty"`
	Problem string `json:"problem,omitempty"`
}

// ways are the ways in that take a token, in the order in which they are shown.
var ways = []attribution.Method{attribution.ByPostback, attribution.ByPixel, attribution.ByClickless}

// currentTokens gives, of each scope, the newest token for each purpose that has
// not ended, in the order in which the scopes first got one. Imported tokens,
// which cannot be shown, step back behind those that can.
func currentTokens(tokens []store.Token) [][]store.Token {
	type place struct {
		offer   int64
		purpose attribution.Method
	}
	best := map[place]store.Token{}
	var scopes []int64
	seen := map[int64]bool{}
	for _, token := range tokens { // by id, so that later ones are newer
		if !token.ValidUntil.IsZero() && !token.ValidUntil.After(time.Now()) {
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
	current := make([][]store.Token, 0, len(scopes))
	for _, offer := range scopes {
		var scope []store.Token
		for _, purpose := range append([]attribution.Method{""}, ways...) {
			if token, ok := best[place{offer, purpose}]; ok {
				scope = append(scope, token)
			}
		}
		current = append(current, scope)
	}
	return current
}

// tokenFor chooses the token that is shown for a way in: one of that purpose,
// else one that serves every way.
func tokenFor(way attribution.Method, scope []store.Token) (chosen store.Token, ok bool) {
	for _, token := range scope {
		if token.Serves(way) && (!ok || token.Purpose == way) {
			chosen, ok = token, true
		}
	}
	return chosen, ok
}

// tokenShower derives tokens again.
type tokenShower struct {
	db   *store.Store
	keys hit.Keys
	base *url.URL
}

func (a *app) tokenShower() (*tokenShower, error) {
	keys, err := a.settings.keys()
	if err != nil {
		return nil, err
	}
	base, err := a.settings.publicURL()
	if err != nil {
		return nil, err
	}
	db, err := a.store()
	if err != nil {
		return nil, err
	}
	return &tokenShower{db: db, keys: keys, base: base}, nil
}

// scope shows the tokens of one scope, of which there is at least one.
func (s *tokenShower) scope(ctx context.Context, tokens []store.Token, domains []store.Domain) (shownScope, error) {
	n, err := needsOf(ctx, s.db, tokens[0].Token)
	if err != nil {
		return shownScope{}, err
	}
	shown := shownScope{Pixels: []string{}, Ways: []shownWay{}}
	for _, way := range ways {
		token, ok := tokenFor(way, tokens)
		if !ok {
			continue
		}
		secure, problem := s.recover(token)
		if len(shown.Ways) == 0 {
			shown.tokenView, shown.Token, shown.Problem = viewToken(token), secure, problem
		}
		part := shownWay{Way: way, TokenID: token.ID, Purpose: given(token.Purpose), Token: secure, Paste: []string{}, Problem: problem}
		if problem == "" {
			part.Paste = s.paste(way, token, secure, domains, n)
			part.Note = noteOf(way, token, n)
			if len(part.Paste) == 0 {
				part.Note = n.refused(token.Purpose)
			}
		}
		shown.Ways = append(shown.Ways, part)
		switch {
		case problem != "":
		case way == attribution.ByPostback:
			shown.URL = part.Paste[0]
		case way == attribution.ByPixel:
			shown.Pixels = part.Paste
		default:
			shown.ClicklessURL = part.Paste[0]
		}
	}
	return shown, nil
}

// recover derives a token, or says why it cannot be shown.
func (s *tokenShower) recover(token store.Token) (secure, problem string) {
	if token.Generation == 0 {
		return "", fmt.Sprintf("token %d was imported, so that only its digest is known and it cannot be shown", token.ID)
	}
	secure, ok := s.keys.RecoverToken(hit.Kind(token.Purpose), token.AccountID, token.OfferID, token.Generation, token.Digest)
	if !ok {
		return "", fmt.Sprintf("token %d was made with a service secret that INTEGR8_SECRET no longer lists, and cannot be shown", token.ID)
	}
	return secure, ""
}

func (s *tokenShower) paste(way attribution.Method, token store.Token, secure string, domains []store.Domain, n needs) []string {
	switch way {
	case attribution.ByPostback:
		return []string{postbackURL(s.base, secure, n)}
	case attribution.ByClickless:
		return []string{clicklessURL(s.base, secure, token.OfferID, n)}
	}
	tags := []string{}
	if token.Purpose == attribution.ByPixel && len(n.percent) > 0 && !n.fixed {
		return tags // it would convert nothing
	}
	for _, domain := range domains {
		tags = append(tags, pixelTag(pixelURL(s.base, domain.Host, secure, token.Purpose, n)))
	}
	return tags
}

// noteOf says what a token for pixels cannot do, and what follows from using one
// without a purpose.
func noteOf(way attribution.Method, token store.Token, n needs) string {
	if token.Purpose != "" {
		return n.refused(token.Purpose)
	}
	create := fmt.Sprintf("integr8 token create --account %d", token.AccountID)
	if token.OfferID != 0 {
		create += fmt.Sprintf(" --offer %d", token.OfferID)
	}
	switch way {
	case attribution.ByPixel:
		return fmt.Sprintf("Everybody can read a pixel, and token %d serves every way in, clickless too: make one for pixels with %s --for pixel", token.ID, create)
	case attribution.ByClickless:
		return fmt.Sprintf("revenue and payout count with a token made for clickless, or where the offer has --own-amounts: %s --for clickless", create)
	default:
		return ""
	}
}

func (s shownScope) table(t *table) {
	scope := "for every offer of the account"
	kind := "Global"
	if s.Offer != nil {
		kind, scope = "Offer-level", fmt.Sprintf("for offer %d only", *s.Offer)
	}
	for _, part := range s.Ways {
		title := map[attribution.Method]string{
			attribution.ByPostback:  fmt.Sprintf("%s postback URL, %s", kind, scope),
			attribution.ByPixel:     fmt.Sprintf("%s pixel tag", kind),
			attribution.ByClickless: fmt.Sprintf("%s clickless URL", kind),
		}[part.Way]
		if part.Problem == "" && part.Note == "" && len(part.Paste) == 0 {
			continue // a pixel without a tracking domain
		}
		if s.ValidUntil != nil && part.TokenID == s.ID {
			title += ", valid until " + clock(*s.ValidUntil) + " UTC"
		}
		t.row(fmt.Sprintf("%s (token %d, for %s):", title, part.TokenID, purposeInWords(part.Purpose)))
		if part.Problem != "" {
			t.row("  " + part.Problem)
			continue
		}
		for _, text := range part.Paste {
			t.row("  " + text)
		}
		if part.Note != "" {
			t.row("  " + part.Note)
		}
	}
	t.row()
}
