package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/search"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
)

// importShown is the form that takes over a token of another system. It never shows what
// was typed.
type importShown struct {
	// Account is 0 where one has to be chosen first.
	Account int64
	// Digest is the beginning of the digest that the token must have; empty for any.
	Digest dead.DigestPrefix
	Offer  int64
	For    string
	Force  bool
	// Problem says why the token was not taken, and Hint what to do.
	Problem, Hint string
}

// Purposes are the ways in that a token may be made for.
func (importShown) Purposes() []choice {
	return []choice{{"", "every way in"}, {string(hit.Postback), "postback"}, {string(hit.Pixel), "pixel"}, {string(hit.Clickless), "clickless"}}
}

func (c *Console) importPage(v *visit) error {
	page, err := readImport(v)
	if err != nil {
		return err
	}
	return c.render(v, http.StatusOK, "import", "Import a token", page)
}

// readImport reads what the URL says of the token.
func readImport(v *visit) (page importShown, err error) {
	page.Account = v.account()
	if page.Offer, err = v.number("offer"); err != nil {
		return page, err
	}
	if text := v.query("digest"); text != "" {
		if err := page.Digest.UnmarshalText([]byte(text)); err != nil {
			return page, &badRequest{"digest is the beginning of a token's digest."}
		}
	}
	return page, nil
}

// importToken takes over the token of the form.
func (c *Console) importToken(v *visit) error {
	page, err := readImport(v)
	if err != nil {
		return err
	}
	if page.Account == 0 {
		return &badRequest{"Choose the account first."}
	}
	form := reference.TokenImportForm{Token: reference.Secret(v.r.PostFormValue("token")), Force: v.r.PostFormValue("force") != ""}
	page.For, page.Force = v.r.PostFormValue("for"), form.Force
	form.For = hit.Kind(page.For)
	if text := strings.TrimSpace(v.r.PostFormValue("offer")); text != "" {
		if form.Offer, err = strconv.ParseInt(text, 10, 64); err != nil || form.Offer < 1 {
			return &badRequest{"offer is a number."}
		}
	}
	page.Offer = form.Offer
	imported, err := c.takeOver(v, page.Digest, form.Import(page.Account))
	switch {
	case err == nil:
		c.unknown.forget()
		values := url.Values{"imported": {strconv.FormatInt(imported.ID, 10)}}
		if v.chosen != 0 {
			values.Set("account", strconv.FormatInt(v.chosen, 10))
		}
		http.Redirect(v.w, v.r, address("/integration", values), http.StatusSeeOther)
		return nil
	case !isOf(err, reference.ErrInvalid, reference.ErrConflict, reference.ErrNotFound):
		return err
	}
	page.Problem, page.Hint = sentence(err), failure.Hint(err)
	return c.render(v, http.StatusBadRequest, "import", "Import a token", page)
}

// takeOver imports a token that has the digest that was asked for.
func (c *Console) takeOver(v *visit, asked dead.DigestPrefix, from reference.TokenImport) (reference.Token, error) {
	var named search.Filter
	named.NameToken(from.Secure)
	digest, err := named.Token.MarshalText()
	if err != nil {
		return reference.Token{}, err
	}
	switch {
	case !isPurpose(from.Purpose):
		return reference.Token{}, &badRequest{"for is postback, pixel or clickless."}
	case !strings.HasPrefix(string(digest), string(asked)):
		return reference.Token{}, failure.WithHint(reference.Refuse(reference.ErrInvalid, "this is another token than the one that came"),
			"ask the advertiser what stands behind secure= in its postback URL")
	}
	return c.Tokens.Import(v.ctx(), from)
}

func isPurpose(purpose hit.Kind) bool {
	for _, one := range (importShown{}).Purposes() {
		if one.Value == string(purpose) {
			return true
		}
	}
	return false
}
