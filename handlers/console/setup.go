package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"integr8/handlers/operate/users"
)

// place is a kind of object of the set-up: its pages, and who sees and changes them.
type place struct {
	// Path is that of the list. One and Many name the object, and About says what it is.
	Path, One, Many, About string
	sees, changes          access
}

// newPath is that of the form of a new object. No object's page has it, whatever its name.
func (p place) newPath() string { return "/setup/new" + strings.TrimPrefix(p.Path, "/setup") }

// Of everything of an account admins change what others see. Accounts and users are for
// those who see all accounts.
var (
	seen      = access{role: users.Viewer}
	changing  = access{role: users.Admin}
	seenWhole = access{role: users.Viewer, whole: true}
	wholeOnly = access{role: users.Admin, whole: true}
)

var (
	accountPlace    = place{"/setup/accounts", "account", "accounts", "A tenant: the network, or the part of it, that owns offers, publishers and tokens.", seenWhole, wholeOnly}
	advertiserPlace = place{"/setup/advertisers", "advertiser", "advertisers", "Owns offers, and reports conversions by postback or pixel.", seen, changing}
	publisherPlace  = place{"/setup/publishers", "publisher", "publishers", "Brings visitors through tracking links.", seen, changing}
	offerPlace      = place{"/setup/offers", "offer", "offers", "The page that a visitor is sent to, with its payout and revenue.", seen, changing}
	domainPlace     = place{"/setup/domains", "tracking domain", "tracking domains", "The host that serves an account's pixels.", seen, changing}
	tokenPlace      = place{"/setup/tokens", "token", "tokens", "Opens the doors: an advertiser sends it with each postback or pixel.", seen, changing}
	keyPlace        = place{"/setup/keys", "key", "keys", "Opens the HTTP API for a program.", changing, changing}
	userPlace       = place{"/setup/users", "user", "users", "A person who logs in to this console.", wholeOnly, wholeOnly}
)

// allPlaces are in the order in which an account is set up.
var allPlaces = []place{accountPlace, advertiserPlace, publisherPlace, offerPlace, domainPlace, tokenPlace, keyPlace, userPlace}

// places are the links to the lists of the set-up that a user may see.
type places struct {
	Places []tab
}

func placesOf(v *visit, current place) (all places) {
	if current.Path == rulePlace.Path {
		return all
	}
	for _, one := range allPlaces {
		if one.sees.allows(v.user) == nil {
			all.Places = append(all.Places, tab{inAccount(v, one.Path), capital(one.Many), one.Path == current.Path})
		}
	}
	return all
}

// setupShown is the first page of the set-up.
type setupShown struct {
	places
	Kinds []kindShown
}

// kindShown is a kind of object with its pages; New is empty for those who make none.
type kindShown struct {
	place
	List, New string
}

func (c *Console) setupPage(v *visit) error {
	page := setupShown{places: placesOf(v, place{})}
	for _, one := range allPlaces {
		if one.sees.allows(v.user) != nil {
			continue
		}
		kind := kindShown{place: one, List: inAccount(v, one.Path)}
		if one.changes.allows(v.user) == nil {
			kind.New = inAccount(v, one.newPath())
		}
		page.Kinds = append(page.Kinds, kind)
	}
	return c.render(v, http.StatusOK, "setup", "Set-up", page)
}

// routeSetup registers the pages of the set-up.
func (c *Console) routeSetup(mux *http.ServeMux) {
	c.page(mux, "GET /setup", seen, c.setupPage)
	c.accounts().register(mux)
	c.advertisers().register(mux)
	c.publishers().register(mux)
	c.routeOffers(mux)
	c.routeDomains(mux)
	c.routeTokens(mux)
	c.routeKeys(mux)
	c.routeUsers(mux)
	c.page(mux, "GET /history", seen, c.historyPage)
}

// byNumber returns the page's object by the number in its path.
func byNumber[T any](show func(v *visit, id int64) (T, error)) func(*visit, string) (T, error) {
	return func(v *visit, key string) (T, error) {
		id, err := strconv.ParseInt(key, 10, 64)
		if err != nil || id < 1 {
			var none T
			return none, errNoPage
		}
		return show(v, id)
	}
}

// nameField is the name of an object, for people.
func nameField(name string) field {
	return field{Name: "name", Words: "name", Kind: textField, Value: name, Required: true, Most: 200}
}

// accountField is the account of a new object, which only a user of all accounts names.
func accountField(v *visit) []field {
	if v.user.AccountID != nil {
		return nil
	}
	return []field{{Name: "account", Words: "account", Kind: numberField, Value: numberOf(v.chosen), Required: true}}
}

// ofAccount returns the fields of an object of an account, which a new one names.
func ofAccount(v *visit, isNew bool, fields ...field) []field {
	if !isNew {
		return fields
	}
	return append(accountField(v), fields...)
}

// factsOf are those of each object of an account.
func factsOf(account int64, created time.Time) []fact {
	return []fact{{"account", numberOf(account)}, {"created", clock(created)}}
}

// chooses reports whether a value is one of the choices.
func chooses(choices []choice, value string) bool {
	return slices.ContainsFunc(choices, func(one choice) bool { return one.Value == value })
}

// chosenAccount is the field of filters, for users who see all accounts.
func chosenAccount(v *visit) []field {
	if v.user.AccountID != nil {
		return nil
	}
	return []field{{Name: "account", Words: "account", Kind: numberField, Value: v.query("account")}}
}

// part is the field of a filter that is a part of a text.
func part(v *visit, name, words string) field {
	return field{Name: name, Words: words, Kind: textField, Value: v.query(name), Sample: "a part of it", Most: 300}
}

func idCell(id int64) cell { return cell{Text: strconv.FormatInt(id, 10), Class: "n"} }

func timeCell(at any) cell { return cell{Text: clock(at), Class: "time"} }
