package console

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/users"
)

// jsonNames are the names of a form's fields.
func jsonNames(form any) (names []string) {
	for field := range reflect.TypeOf(form).Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

func namesOf(fields []field) (names []string) {
	for _, one := range fields {
		names = append(names, one.Name)
	}
	return names
}

// everySet fails when a field of a struct is zero.
func everySet(t *testing.T, whole any) {
	t.Helper()
	for field, value := range reflect.ValueOf(whole).Fields() {
		require.False(t, value.IsZero(), "%T leaves %s out", whole, field.Name)
	}
}

// TestEveryFieldOfAnOfferIsInItsForms: what the API and the commands set can be set here.
func TestEveryFieldOfAnOfferIsInItsForms(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Admin)
	v := &visit{r: httptest.NewRequest(http.MethodGet, "/", nil), user: users.User{AccountID: &d.north.ID}}
	made, err := d.offerFields(v, reference.Offer{}, true)
	require.NoError(t, err)
	require.ElementsMatch(t, jsonNames(reference.OfferForm{}), namesOf(made))
	offer, err := d.Offers.Show(t.Context(), 0, d.north.Offer)
	require.NoError(t, err)
	edited, err := d.offerFields(v, offer, false)
	require.NoError(t, err)
	require.ElementsMatch(t, jsonNames(reference.OfferEditForm{}), namesOf(edited))

	typed := url.Values{}
	for _, name := range jsonNames(reference.OfferForm{}) {
		typed.Set(name, "7")
	}
	typed.Set("status", "paused")
	p := &sent{visit: &visit{r: posted("http://127.0.0.1/", typed)}, fields: edited}
	everySet(t, offerForm(p))
	everySet(t, offerEditForm(p))
	require.NoError(t, p.err())
	same := url.Values{}
	for _, one := range edited {
		same.Set(one.Name, one.Value)
	}
	p = &sent{visit: &visit{r: posted("http://127.0.0.1/", same)}, fields: edited}
	require.Equal(t, reference.OfferEditForm{}, offerEditForm(p), "what was not changed is not edited")
	require.False(t, p.any())
}

var hidden = regexp.MustCompile(`name="(version|creation)" value="([^"]+)"`)

// stamp is the version or the name of the creation in a page.
func stamp(t *testing.T, page string) string {
	t.Helper()
	found := hidden.FindStringSubmatch(page)
	require.NotNil(t, found, page)
	return found[2]
}

// offerTyped is what a person types for an offer.
func (d *desk) offerTyped(change ...string) url.Values {
	offer, err := d.Offers.Show(d.t.Context(), 0, d.north.Offer)
	require.NoError(d.t, err)
	typed := url.Values{"advertiser": {id(offer.Advertiser)}, "name": {"Shoes"}, "destination": {"https://shop.example/?c={transaction_id}"},
		"payout": {"2.50"}, "revenue": {"80%"}, "currency": {"EUR"}, "window": {"12h"}, "status": {"active"}, "base_words": {"trial, order"}}
	for i := 0; i < len(change); i += 2 {
		typed.Set(change[i], change[i+1])
	}
	return typed
}

// TestAFormSaysWhatIsWrongBesideEachFieldAndLosesNothing that was typed.
func TestAFormSaysWhatIsWrongBesideEachFieldAndLosesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Admin)
	status, text := d.post("/setup/offers", d.offerTyped("payout", "much", "currency", "dollars", "advertiser", "x7", "ceiling", "80%"))
	require.Equal(t, http.StatusBadRequest, status)
	for name, want := range map[string]string{"payout": "neither an amount", "currency": "ISO 4217", "advertiser": "This is a number.", "ceiling": "is a share"} {
		at := strings.Index(text, `id="d-`+name+`"`)
		require.Positive(t, at, name)
		require.Contains(t, text[at:at+300], want, name)
	}
	for _, kept := range []string{`value="much"`, `value="dollars"`, `value="x7"`, `value="80%"`, `value="Shoes"`, `value="trial, order"`, `value="12h"`} {
		require.Contains(t, text, kept)
	}
	status, text = d.post("/setup/offers", d.offerTyped("payout", "2.505", "name", " ", "destination", "https://shop.example/"))
	require.Equal(t, http.StatusBadRequest, status)
	for _, want := range []string{"more decimals than the currency", "The name is empty.", "allow_missing_transaction_id"} {
		require.Contains(t, text, want)
	}
	status, text = d.post("/setup/offers", d.offerTyped("advertiser", "99999"))
	require.Equal(t, http.StatusBadRequest, status)
	require.Regexp(t, `id="d-advertiser">Account \d+ has no advertiser 99999`, text)
	status, text = d.post("/setup/domains", url.Values{"host": {"https://px.example/x"}})
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, `id="d-host">A tracking domain is a host, without a scheme and a path.`)
	all, err := d.Offers.List(t.Context(), reference.OfferFilter{Account: d.north.ID})
	require.NoError(t, err)
	require.Len(t, all, 1)
}

func TestAFormMakesOneObjectHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Admin)
	_, page := d.get("/setup/new/publishers")
	form := url.Values{"name": {"Blog"}, "creation": {stamp(t, page)}}
	status, first := d.post("/setup/publishers", form)
	require.Equal(t, http.StatusSeeOther, status, first)
	status, again := d.post("/setup/publishers", form)
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, strings.Replace(first, "created", "before", 1), again)

	form.Set("name", "Another")
	status, page = d.post("/setup/publishers", form)
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, page, "has made something already")
	require.Contains(t, page, `value="Another"`)
	form.Set("creation", stamp(t, page))
	status, _ = d.post("/setup/publishers", form)
	require.Equal(t, http.StatusSeeOther, status)
	all, err := d.Publishers.List(t.Context(), reference.PublisherFilter{Account: d.north.ID})
	require.NoError(t, err)
	require.Len(t, all, 3)
}

func TestNobodyOverwritesWhatAnotherHasChanged(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Admin)
	page := "/setup/offers/" + id(d.north.Offer)
	_, text := d.get(page)
	form := url.Values{"version": {stamp(t, text)}}
	for _, found := range regexp.MustCompile(`name="was_(\w+)" value="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		form.Set(found[1], found[2])
		form.Set("was_"+found[1], found[2])
	}
	edit, err := reference.OfferEditForm{Payout: new("3.00"), Window: new("5d")}.Edit()
	require.NoError(t, err)
	_, _, err = d.Offers.Edit(t.Context(), 0, d.north.Offer, edit)
	require.NoError(t, err)

	form.Set("payout", "9.00")
	status, text := d.post(page, form)
	require.Equal(t, http.StatusConflict, status)
	require.Contains(t, text, "Somebody else has changed it")
	require.Contains(t, text, `name="payout" type="text" maxlength="50" value="9.00"`, "what was typed stays")
	require.Contains(t, text, "It is now: 3.00")
	require.Contains(t, text, `name="window" type="text" maxlength="50" value="5d"`, "what was not touched is as it is now")
	is, err := d.Offers.Show(t.Context(), 0, d.north.Offer)
	require.NoError(t, err)
	require.Equal(t, "3.00", is.Payout)

	form.Set("version", stamp(t, text))
	form.Set("window", "5d")
	status, text = d.post(page, form)
	require.Equal(t, http.StatusOK, status, text)
	require.Contains(t, text, "payout 9.00 is more than the revenue", "what may not be meant is said")
	is, err = d.Offers.Show(t.Context(), 0, d.north.Offer)
	require.NoError(t, err)
	require.Equal(t, "9.00", is.Payout)
	require.Equal(t, "5d", is.Window)

	for path, form := range map[string]url.Values{"/terms": {"publisher": {id(d.north.Publisher)}, "payout": {"1.00"}}, "/terms/clear": {"publisher": {id(d.north.Publisher)}}, "/orders": {"unique_orders": {"on"}}} {
		form.Set("version", "of yesterday")
		status, _ = d.post(page+path, form)
		require.Equal(t, http.StatusConflict, status, path)
		form.Del("version")
		status, _ = d.post(page+path, form)
		require.Equal(t, http.StatusBadRequest, status, path)
	}
}

func TestTermsOfAPublisherAndUniqueOrdersAreSetOnThePageOfTheOffer(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Admin)
	page := "/setup/offers/" + id(d.north.Offer)
	set := func(path string, form url.Values) (int, string) {
		_, text := d.get(page)
		form.Set("version", stamp(t, text))
		return d.post(page+path, form)
	}
	status, text := set("/terms", url.Values{"publisher": {id(d.north.Publisher)}, "payout": {"a lot"}})
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, "neither an amount")
	require.Contains(t, text, `value="a lot"`)
	status, text = set("/terms", url.Values{"publisher": {id(d.south.Publisher)}, "payout": {"1.00"}})
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, "has no publisher "+id(d.south.Publisher))
	status, _ = set("/terms", url.Values{"publisher": {id(d.north.Publisher)}, "payout": {"1.25"}})
	require.Equal(t, http.StatusSeeOther, status)
	offer, err := d.Offers.Show(t.Context(), 0, d.north.Offer)
	require.NoError(t, err)
	require.Equal(t, "1.25", *offer.Overrides[0].Payout)
	require.Nil(t, offer.Overrides[0].Revenue, "an empty field is the offer's")
	_, text = d.get("/setup/publishers/" + id(d.north.Publisher))
	require.Contains(t, text, "1.25")
	status, _ = set("/terms/clear", url.Values{"publisher": {id(d.north.Publisher)}})
	require.Equal(t, http.StatusSeeOther, status)

	status, _ = set("/orders", url.Values{"unique_orders": {"on"}})
	require.Equal(t, http.StatusSeeOther, status)
	offer, err = d.Offers.Show(t.Context(), 0, d.north.Offer)
	require.NoError(t, err)
	require.Empty(t, offer.Overrides)
	require.Equal(t, reference.OrdersUnique, offer.OrdersState)
	status, _ = set("/orders", url.Values{"unique_orders": {"off"}})
	require.Equal(t, http.StatusSeeOther, status)

	found := d.Histories.List(t.Context(), history.Filter{Noun: history.Offer, ObjectID: id(d.north.Offer), By: "ann@console"}, history.Cursor{}, 0)
	var acts []history.Act
	for entry, err := range found {
		require.NoError(t, err)
		acts = append(acts, entry.Act)
	}
	require.Equal(t, []history.Act{history.Edit, history.Edit, history.Edit, history.ClearTerms, history.SetTerms}, acts[:5])
}

// objectsOf are the last parts of the paths of an account's objects, by the list.
func (d *desk) objectsOf(account int64) map[string]string {
	d.t.Helper()
	ctx := d.t.Context()
	advertisers, err := d.Advertisers.List(ctx, account, "")
	require.NoError(d.t, err)
	domain, _, err := d.Domains.Create(ctx, account, "px"+id(account)+".example")
	require.NoError(d.t, err)
	tokens, err := d.Tokens.List(ctx, reference.TokenFilter{Account: account})
	require.NoError(d.t, err)
	key, err := d.Keys.Create(ctx, keyOf(account))
	require.NoError(d.t, err)
	offers, err := d.Offers.List(ctx, reference.OfferFilter{Account: account})
	require.NoError(d.t, err)
	publishers, err := d.Publishers.List(ctx, reference.PublisherFilter{Account: account})
	require.NoError(d.t, err)
	return map[string]string{"advertisers": id(advertisers[0].ID), "domains": id(domain.ID), "tokens": id(tokens[0].ID), "keys": id(key.ID), "offers": id(offers[0].ID), "publishers": id(publishers[0].ID)}
}

// TestNoPageOfTheSetUpLeavesTheAccount goes over all pages of an object, with one of another
// account.
func TestNoPageOfTheSetUpLeavesTheAccount(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Admin)
	others, own := d.objectsOf(d.south.ID), d.objectsOf(d.north.ID)
	looked := 0
	for pattern, demanded := range d.demands {
		method, path, _ := strings.Cut(pattern, " ")
		list, _, _ := strings.Cut(strings.TrimPrefix(path, "/setup/"), "/")
		if !strings.HasPrefix(path, "/setup/") || !strings.Contains(path, "{id}") || demanded.whole {
			continue
		}
		require.NotEmpty(t, others[list], "no object for %s", pattern)
		looked++
		ask := func(key string) int {
			to := strings.Replace(path, "{id}", key, 1) + "?account=" + id(d.south.ID)
			if method == http.MethodGet {
				status, text := d.get(to)
				require.NotContains(t, text, "px"+id(d.south.ID)+".example", pattern)
				return status
			}
			status, _ := d.post(to, url.Values{"version": {"x"}, "name": {"taken"}, "host": {"taken.example"}, "valid_until": {"now"}, "publisher": {id(d.south.Publisher)}, "payout": {"1"}})
			return status
		}
		require.Equal(t, http.StatusNotFound, ask(others[list]), pattern)
		require.NotEqual(t, http.StatusNotFound, ask(own[list]), pattern)
	}
	require.GreaterOrEqual(t, looked, 14)

	for list, key := range others {
		_, text := d.get("/setup/" + list + "?account=" + id(d.south.ID))
		require.NotContains(t, text, `/setup/`+list+`/`+key+`?`, list)
		require.Contains(t, text, `/setup/`+list+`/`+own[list]+`?`, list)
	}
	// A form names no other account.
	for list, form := range map[string]url.Values{"advertisers": {"name": {"mine"}}, "publishers": {"name": {"mine"}}, "domains": {"host": {"mine.example"}}, "tokens": {}, "keys": {"name": {"mine"}, "role": {"admin"}, "all": {"yes"}}} {
		form.Set("account", id(d.south.ID))
		status, text := d.post("/setup/"+list, form)
		require.Contains(t, []int{http.StatusSeeOther, http.StatusOK}, status, text)
	}
	for entry, err := range d.Histories.List(t.Context(), history.Filter{By: "ann@console"}, history.Cursor{}, 0) {
		require.NoError(t, err)
		require.Equal(t, d.north.ID, entry.AccountID, "%s %s", entry.Act, entry.Noun)
	}
	for _, path := range []string{"/setup/accounts", "/setup/accounts/" + id(d.south.ID), "/setup/users", "/setup/users/ann", "/setup/new/users", "/setup/new/accounts"} {
		status, _ := d.get(path)
		require.Equal(t, http.StatusForbidden, status, path)
	}
}

// TestWhoMayNotChangeSeesNoForm, and what he posts is refused.
func TestWhoMayNotChangeSeesNoForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Admin)
	own := d.objectsOf(d.north.ID)
	for _, role := range []users.Role{users.Viewer, users.Operator} {
		for _, account := range []int64{d.north.ID, 0} {
			d.now(role, account)
			for list, key := range own {
				status, text := d.get("/setup/" + list + "/" + key)
				if list == "keys" {
					require.Equal(t, http.StatusForbidden, status)
					continue
				}
				require.Equal(t, http.StatusOK, status, text)
				require.NotContains(t, text, `method="post" action="/setup`, "%s %s", role, list)
				require.Contains(t, text, "History of this")
				_, text = d.get("/setup/" + list)
				require.NotContains(t, text, "/setup/new/", "%s %s", role, list)
			}
			refused := 0
			for pattern := range d.demands {
				if method, path, _ := strings.Cut(pattern, " "); method == http.MethodPost && strings.HasPrefix(path, "/setup") {
					status, _ := d.post(strings.Replace(path, "{id}", "1", 1), url.Values{})
					require.Equal(t, http.StatusForbidden, status, "%s %s", role, pattern)
					refused++
				}
			}
			require.GreaterOrEqual(t, refused, 20)
		}
	}
	d.now(users.Viewer, 0)
	status, text := d.get("/setup/accounts")
	require.Equal(t, http.StatusOK, status, text)
	require.Contains(t, text, "south")
	require.Contains(t, text, "2 accounts")
	require.NotContains(t, text, "/setup/users")
	require.NotContains(t, text, "/setup/new/")
}

func TestListsSayHowManyThereAreAndPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t, users.Admin)
	for range rowsAPage + 4 {
		_, _, err := d.Publishers.Create(t.Context(), d.north.ID, "blog")
		require.NoError(t, err)
	}
	_, text := d.get("/setup/publishers?name=BLOG")
	require.Contains(t, text, ">54 publishers<")
	require.Equal(t, rowsAPage, strings.Count(text, "<tr data-row>"))
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(text)
	require.NotNil(t, next)
	_, text = d.get(strings.ReplaceAll(next[1], "&amp;", "&"))
	require.Equal(t, 4, strings.Count(text, "<tr data-row>"))
	require.Contains(t, text, "first page")
	require.NotContains(t, text, `rel="next"`)
}
